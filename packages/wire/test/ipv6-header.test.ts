import {
  hasForbiddenRoutingHeader,
  hopLimitOf,
  isBubble,
  isWellFormedPacket,
  nextHeaderOf,
  payloadLengthOf,
  writeHopLimit,
} from '@navalis/wire';
import { describe, expect, it } from 'vitest';
import { altered, bubbleVector, concatenate, echoRequestVector, octets } from './vectors.ts';

/** An IPv6 packet with these octets after its header. */
function packet(nextHeader: number, ...payload: readonly string[]): Uint8Array {
  const rest = octets(...payload);
  return concatenate(altered(bubbleVector, 4, rest.length >> 8, rest.length & 0xff, nextHeader), rest);
}

describe('IPv6 header', () => {
  it('reads its fields', () => {
    expect(payloadLengthOf(echoRequestVector, 0)).toBe(24);
    expect(nextHeaderOf(echoRequestVector, 0)).toBe(58);
    expect(hopLimitOf(echoRequestVector, 0)).toBe(64);
    const copy = echoRequestVector.slice();
    writeHopLimit(copy, 0, 63);
    expect(hopLimitOf(copy, 0)).toBe(63);
  });

  it('[WF-16][WF-17] a bubble has next header 59 and no payload', () => {
    expect(isBubble(bubbleVector, 0)).toBe(true);
    expect(isBubble(packet(59, '00'), 0)).toBe(false);
    expect(isBubble(packet(59, '00'.repeat(256)), 0)).toBe(false);
    expect(isBubble(packet(58), 0)).toBe(false);
    expect(isBubble(concatenate(bubbleVector, octets('0104deadbeef')), 0)).toBe(true);
  });

  it('[WF-14] a packet of the host is exactly one IPv6 packet', () => {
    expect(isWellFormedPacket(echoRequestVector, 0, 64)).toBe(true);
    expect(isWellFormedPacket(bubbleVector, 0, 40)).toBe(true);
    expect(isWellFormedPacket(echoRequestVector, 0, 63)).toBe(false);
    expect(isWellFormedPacket(concatenate(echoRequestVector, octets('00')), 0, 65)).toBe(false);
    expect(isWellFormedPacket(concatenate(octets('00'), echoRequestVector), 1, 64)).toBe(true);
    expect(isWellFormedPacket(altered(echoRequestVector, 0, 0x40), 0, 64)).toBe(false);
    for (let length = 0; length < 40; length++) expect(isWellFormedPacket(bubbleVector, 0, length)).toBe(false);
  });
});

describe('routing headers', () => {
  const segment = '20010db8000000000000000000000001';

  it.each([
    ['no extension header', packet(17, '00000000'), false],
    ['hop-by-hop options alone', packet(0, '3b00 0104 00000000'), false],
    ['destination options that begin with a 0', packet(60, '3b00 0000 00000000'), false],
    ['type 0, segments left', packet(43, '3b020001 00000000', segment), true],
    ['type 0, no segments left', packet(43, '3b020000 00000000', segment), true],
    ['type 2, no segments left', packet(43, '3b020200 00000000', segment), false],
    ['type 2, segments left', packet(43, '3b020201 00000000', segment), true],
    ['unknown type, segments left', packet(43, '3b02ee05 00000000', segment), true],
    ['type 0 behind hop-by-hop', packet(0, '2b00 0104 00000000', '3b020001 00000000', segment), true],
    ['type 0 behind destination options', packet(60, '2b00 0104 00000000', '3b020001 00000000', segment), true],
    ['type 0 behind a first fragment', packet(44, '2b00 0001 00000001', '3b020001 00000000', segment), true],
    [
      'the middle of something in a later fragment',
      packet(44, '2b00 0008 00000001', '3b020001 00000000', segment),
      false,
    ],
    [
      'type 0 behind an authentication header',
      packet(51, `2b04 0000 ${'00'.repeat(20)}`, '3b020001 00000000', 'eeeeee00'.repeat(4)),
      true,
    ],
    [
      'an authentication header of wrong length',
      packet(51, '2bff 0000 00000001 00000001', '3b020001 00000000', segment),
      false,
    ],
    ['a truncated routing header', packet(43, '3b020001'), false],
    ['type 0 whose segments are cut off', packet(43, '3b020001 00000000'), true],
  ])('%s', (_what, bytes, isForbidden) => {
    const memory = concatenate(octets('0000'), bytes);
    expect(hasForbiddenRoutingHeader(memory, 2, bytes.length)).toBe(isForbidden);
  });
});
