import { ipv6EqualsAt } from '@navalis/address';
import { icmpv6ChecksumOk, icmpv6ErrorAllowed, icmpv6Types, isWellFormedPacket, writeIcmpv6Error } from '@navalis/wire';
import { describe, expect, it } from 'vitest';
import {
  altered,
  bubbleVector,
  clientAddress,
  concatenate,
  echoRequestVector,
  octets,
  peerAddress,
} from './vectors.ts';

const bytes = new Uint8Array(3000);
const write = (cause: Uint8Array, parameter = 0): number => {
  bytes.fill(0xa5);
  return writeIcmpv6Error(bytes, 100, {
    type: icmpv6Types.packetTooBig,
    code: 3,
    parameter,
    source: peerAddress,
    destination: clientAddress,
    cause,
    causeOffset: 1,
    causeLength: cause.length - 1,
  });
};

/** A packet of the client with these octets after its header. */
function packet(nextHeader: number, ...payload: readonly string[]): Uint8Array {
  const rest = octets(...payload);
  return concatenate(altered(bubbleVector, 4, 0, rest.length, nextHeader), rest);
}
const allowed = (bytes: Uint8Array): boolean => icmpv6ErrorAllowed(concatenate(octets('00'), bytes), 1, bytes.length);

describe('writeIcmpv6Error', () => {
  it('[WF-26] writes type, code, parameter and the cause', () => {
    const length = write(concatenate(octets('aa'), echoRequestVector), 1280);
    expect(length).toBe(48 + 64);
    expect(isWellFormedPacket(bytes, 100, length)).toBe(true);
    expect(icmpv6ChecksumOk(bytes, 100)).toBe(true);
    expect(ipv6EqualsAt(bytes, 108, peerAddress)).toBe(true);
    expect(ipv6EqualsAt(bytes, 124, clientAddress)).toBe(true);
    expect(bytes.slice(140, 142)).toEqual(octets('0203'));
    expect(bytes.slice(144, 148)).toEqual(octets('00000500'));
    expect(bytes.slice(148, 148 + 64)).toEqual(echoRequestVector);
    expect([bytes[99], bytes[148 + 64]]).toEqual([0xa5, 0xa5]);
  });

  it('truncates the cause so that the error has 1280 octets', () => {
    expect(write(new Uint8Array(2001).fill(7))).toBe(1280);
    expect(icmpv6ChecksumOk(bytes, 100)).toBe(true);
    expect(bytes.slice(100, 108)).toEqual(octets('6000000004d8 3aff'));
    expect(bytes.slice(148, 1380)).toEqual(new Uint8Array(1232).fill(7));
    expect(bytes[1380]).toBe(0xa5);
    expect(write(new Uint8Array(1 + 1232))).toBe(1280);
    expect(write(new Uint8Array(1 + 1231))).toBe(1279);
  });
});

describe('icmpv6ErrorAllowed', () => {
  const errorMessage = '01000000 00000000';
  it.each([
    ['a bubble', bubbleVector, true],
    ['UDP', packet(17, '00'.repeat(8)), true],
    ['an Echo Request', echoRequestVector, true],
    ['an ICMPv6 error', packet(58, errorMessage), false],
    ['an unknown ICMPv6 error', packet(58, '7f000000 00000000'), false],
    ['a redirect', packet(58, '89000000 00000000'), false],
    ['an ICMPv6 error behind hop-by-hop options', packet(0, '3a00 0104 00000000', errorMessage), false],
    ['an Echo Request behind hop-by-hop options', packet(0, '3a00 0104 00000000', '80000000 00000000'), true],
    ['an ICMPv6 error in a first fragment', packet(44, '3a00 0001 00000001', errorMessage), false],
    ['an Echo Request there', packet(44, '3a07 0001 00000001', '80000000 00000000'), true],
    ['a later fragment of ICMPv6', packet(44, '3a00 0008 00000001', '80000000 00000000'), false],
    ['a later fragment of UDP', packet(44, '1100 0008 00000001', errorMessage), true],
    ['ICMPv6 with nothing in it', packet(58), false],
    ['an ICMPv6 message cut off behind hop-by-hop options', packet(0, '3a00 0104 00000000'), false],
    ['UDP behind an authentication header', packet(51, '1101 0000 00000000 00000000', errorMessage), true],
    ['an ICMPv6 error behind an authentication header', packet(51, '3a01 0000 00000000 00000000', errorMessage), false],
    [
      'an Echo Request behind an authentication header',
      packet(51, '3a04 0000 00000000 00000000 010203040506070801020304', '80000000 00000000'),
      true,
    ],
    [
      'an ICMPv6 error in a first fragment whose reserved octet is not 0',
      packet(44, '3a07 0001 00000001', errorMessage),
      false,
    ],
    ['an unspecified source', altered(echoRequestVector, 8, ...new Uint8Array(16)), false],
    ['a multicast source', altered(echoRequestVector, 8, 0xff, 0x0e), false],
    ['a multicast destination', altered(echoRequestVector, 24, 0xff, 0x0e), false],
    ['less than a header', bubbleVector.slice(0, 39), false],
  ])('%s: %s', (_what, bytes, isAllowed) => {
    expect(allowed(bytes)).toBe(isAllowed);
  });

  it('does not read the type behind the packet', () => {
    const cutOff = packet(0, '3a00 0104 00000000');
    expect(icmpv6ErrorAllowed(concatenate(cutOff, octets('80000000')), 0, cutOff.length)).toBe(false);
  });
});
