import { ipv6EqualsAt, parseIpv6 } from '@navalis/address';
import {
  echoDataLength,
  echoDataOffset,
  icmpv6ChecksumOk,
  isEchoReply,
  isEchoRequest,
  isIcmpv6,
  readRouterSolicitation,
  writeEchoReplyInPlace,
  writeEchoRequest,
  writeIcmpv6Checksum,
  writeRouterSolicitation,
} from '@navalis/wire';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  advertisementVector,
  altered,
  clientAddress,
  clientLinkLocal,
  concatenate,
  echoRequestVector,
  octets,
  solicitationVector,
  written,
} from './vectors.ts';

const native = parseIpv6('2001:db8::1')!;
const nonce = octets('00112233445566778899aabbccddeeff');

/** A copy whose checksum is right again. */
function repaired(packet: Uint8Array): Uint8Array {
  const copy = packet.slice();
  writeIcmpv6Checksum(copy, 0);
  return copy;
}

describe('ICMPv6', () => {
  it('has at least type, code and checksum', () => {
    for (const length of [0, 1, 3, 4, 5]) {
      const packet = altered(echoRequestVector, 4, 0, length);
      expect(isIcmpv6(packet, 0), `${length} octets`).toBe(length >= 4);
    }
    expect(isIcmpv6(altered(echoRequestVector, 6, 17), 0)).toBe(false);
  });
});

describe('ICMPv6 checksum', () => {
  it.each([
    ['18.5', solicitationVector],
    ['18.6', advertisementVector],
    ['18.7', echoRequestVector],
  ])('[WF-26] vector %s: computed, verified, and refused with any bit flipped', (_section, vector) => {
    expect(icmpv6ChecksumOk(vector, 0)).toBe(true);
    expect(repaired(altered(vector, 42, 0x12, 0x34))).toEqual(vector);
    expect(icmpv6ChecksumOk(concatenate(octets('ff'), vector, octets('ff')), 1)).toBe(true);
    for (let offset = 8; offset < vector.length; offset++) {
      for (let bit = 0; bit < 8; bit++) {
        expect(icmpv6ChecksumOk(altered(vector, offset, vector[offset]! ^ (1 << bit)), 0), `${offset}:${bit}`).toBe(
          false,
        );
      }
    }
  });

  it('[WF-26] covers the pseudo-header: payload length and next header', () => {
    const longer = concatenate(altered(echoRequestVector, 4, 0, 26), octets('0000'));
    expect(icmpv6ChecksumOk(longer, 0)).toBe(false);
    expect(icmpv6ChecksumOk(altered(echoRequestVector, 6, 17), 0)).toBe(false);
  });

  it('[WF-26] holds for messages of any length, odd ones and the longest included', () => {
    for (const length of [4, 5, 6, 7, 1001, 65535]) {
      const packet = new Uint8Array(40 + length).fill(0xff);
      packet.set(altered(echoRequestVector.slice(0, 40), 4, length >> 8, length & 0xff));
      writeIcmpv6Checksum(packet, 0);
      expect(icmpv6ChecksumOk(packet, 0), `length ${length}`).toBe(true);
      packet[40 + length - 1]! ^= 1;
      expect(icmpv6ChecksumOk(packet, 0), `length ${length}`).toBe(false);
    }
    expect(icmpv6ChecksumOk(altered(echoRequestVector, 4, 0, 3), 0)).toBe(false);
  });
});

describe('Router Solicitation', () => {
  it('[WF-24] writes the vector: 48 octets, no option', () => {
    const packet = written((bytes, offset) => writeRouterSolicitation(bytes, offset, clientLinkLocal));
    expect(packet).toEqual(solicitationVector);
    expect(readRouterSolicitation(packet, 0)).toBe(true);
  });

  const withOptions = (length: number, ...options: readonly string[]): Uint8Array =>
    repaired(concatenate(altered(solicitationVector, 4, 0, length), octets(...options)));

  it.each([
    ['hop limit 254', altered(solicitationVector, 7, 254)],
    ['hop limit 0', altered(solicitationVector, 7, 0)],
    ['next header 59', altered(solicitationVector, 6, 59)],
    ['type 134', repaired(altered(solicitationVector, 40, 134))],
    ['code 1', repaired(altered(solicitationVector, 41, 1))],
    ['bad checksum', altered(solicitationVector, 42, 0, 0)],
    ['source changed on the way', altered(solicitationVector, 23, 0xfc)],
    ['length 7', repaired(altered(solicitationVector, 5, 7)).slice(0, 47)],
    ['length 0', altered(solicitationVector, 5, 0)],
    ['option of length 0', withOptions(16, '0100000000000000')],
    ['option past the end', withOptions(16, '0102000000000000')],
    ['half an option', withOptions(12, '01010000')],
    ['one octet of an option', withOptions(9, '01')],
    ['option past the end, within which another one would fit', withOptions(25, '010302', '00'.repeat(14))],
    ['option of length 0 after a good one', withOptions(24, '0101000000000000', '0100000000000000')],
  ])('[WF-24] %s is invalid', (_what, packet) => {
    expect(readRouterSolicitation(packet, 0)).toBe(false);
  });

  it('[WF-24] accepts any reserved octets and well-formed options', () => {
    expect(readRouterSolicitation(repaired(altered(solicitationVector, 44, 1, 2, 3, 4)), 0)).toBe(true);
    expect(readRouterSolicitation(withOptions(24, 'fe02', '00'.repeat(14)), 0)).toBe(true);
  });
});

describe('echo', () => {
  const fields = {
    source: clientAddress,
    destination: native,
    identifier: 0x5445,
    sequence: 1,
    hopLimit: 64,
    data: nonce,
  };

  it('[WF-26] writes the vector of the packet layouts', () => {
    expect(written((bytes, offset) => writeEchoRequest(bytes, offset, fields))).toEqual(echoRequestVector);
  });

  it('distinguishes requests from replies and requires a valid checksum', () => {
    expect(isEchoRequest(echoRequestVector, 0)).toBe(true);
    expect(isEchoReply(echoRequestVector, 0)).toBe(false);
    const reply = repaired(altered(echoRequestVector, 40, 129));
    expect(isEchoReply(reply, 0)).toBe(true);
    expect(isEchoReply(altered(reply, 63, 0), 0)).toBe(false);
    expect(isEchoReply(repaired(altered(reply, 41, 1)), 0)).toBe(false);
    expect(isEchoReply(repaired(altered(reply, 5, 7)), 0)).toBe(false);
    expect(echoDataLength(reply, 0)).toBe(16);
    expect(reply.slice(echoDataOffset)).toEqual(nonce);
  });

  it('answers in place: addresses swapped, identifier, sequence and data kept', () => {
    const memory = concatenate(octets('0000'), echoRequestVector);
    const server = parseIpv6('fe80::8000:f227:34ff:8e87')!;
    writeEchoReplyInPlace(memory, 2, server);
    expect(isEchoReply(memory, 2)).toBe(true);
    expect(ipv6EqualsAt(memory, 2 + 8, server)).toBe(true);
    expect(ipv6EqualsAt(memory, 2 + 24, clientAddress)).toBe(true);
    expect(memory[2 + 7]).toBe(255);
    expect(memory.slice(2 + 44)).toEqual(echoRequestVector.slice(44));
  });

  it('reads back data of any length', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 300 }), fc.nat(0xffff), fc.nat(0xffff), (data, identifier, sequence) => {
        const packet = written((bytes, offset) =>
          writeEchoRequest(bytes, offset, { ...fields, identifier, sequence, data }),
        );
        expect(isEchoRequest(packet, 0)).toBe(true);
        expect(packet.slice(echoDataOffset, echoDataOffset + echoDataLength(packet, 0))).toEqual(data);
        expect(packet.slice(44, 48)).toEqual(Uint8Array.of(identifier >> 8, identifier, sequence >> 8, sequence));
      }),
    );
  });
});
