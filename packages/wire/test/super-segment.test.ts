import * as wire from '@navalis/wire';
import { cutPacket } from '@navalis/wire';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { concatenate, octets } from './vectors.ts';

const addresses = '20010db8000000000000000000000001 20010db8000000000000000000000002';
/** Sequence number FFFFFFFE, acknowledgement 1, 24 octets of header, flags CWR, ACK, PSH and FIN. */
const tcpHeader = '1234 0050 fffffffe 00000001 6099 4000 aaaa 0000 01010101';
const udpHeader = '1234 0035 ffff aaaa';

/** One header, then the payloads of all packets, three octets into the memory. */
function superSegment(nextHeader: string, header: string, payload: readonly number[], octetsEach: number) {
  const headers = octets(`60000000 ffff ${nextHeader} 40`, addresses, header);
  const memory = concatenate(octets('eeeeee'), headers, Uint8Array.from(payload), octets('eeee'));
  const count = Math.ceil(payload.length / octetsEach);
  return {
    memory,
    offset: 3,
    count,
    packetLength: headers.length + octetsEach,
    lastPacketLength: headers.length + payload.length - (count - 1) * octetsEach,
  };
}

function cut(run: ReturnType<typeof superSegment>, index: number): Uint8Array {
  const target = new Uint8Array(300).fill(0xa5);
  const length = cutPacket(run, index, target, 5);
  expect([target[4], target[5 + length]]).toEqual([0xa5, 0xa5]);
  return target.slice(5, 5 + length);
}

/** The Internet checksum of RFC 1071 over pseudo-header and payload, by another way than the code's. */
function sumOf(packet: Uint8Array): number {
  const payload = packet.slice(40);
  const covered = concatenate(
    packet.slice(8, 40),
    octets('0000', payload.length.toString(16).padStart(4, '0'), '000000', packet[6]!.toString(16).padStart(2, '0')),
    payload,
    octets(payload.length % 2 === 1 ? '00' : ''),
  );
  let sum = 0;
  for (let at = 0; at < covered.length; at += 2) sum += covered[at]! * 256 + covered[at + 1]!;
  return sum % 0xffff;
}

describe('a packet cut out of a super-segment', () => {
  const tcp = superSegment('06', tcpHeader, [1, 2, 3, 4, 5, 6, 7], 3);

  it('of TCP has its share of the payload, its sequence number, its flags and length', () => {
    const packets = [0, 1, 2].map((index) => cut(tcp, index));
    expect(packets.map((packet) => [...packet.slice(64)])).toEqual([[1, 2, 3], [4, 5, 6], [7]]);
    expect(packets.map((packet) => packet.slice(0, 8))).toEqual([
      octets('60000000 001b 0640'),
      octets('60000000 001b 0640'),
      octets('60000000 0019 0640'),
    ]);
    expect(packets.map((packet) => packet.slice(8, 44))).toEqual([0, 1, 2].map(() => octets(addresses, '12340050')));
    // FFFFFFFE, FFFFFFFE + 3 and + 6.
    expect(packets.map((packet) => packet.slice(44, 48))).toEqual([
      octets('fffffffe'),
      octets('00000001'),
      octets('00000004'),
    ]);
    // CWR on the first alone, PSH and FIN on the last alone, ACK on all.
    expect(packets.map((packet) => packet[53])).toEqual([0x90, 0x10, 0x19]);
    expect(packets.map((packet) => packet.slice(54, 56))).toEqual([0, 1, 2].map(() => octets('4000')));
    expect(packets.map(sumOf)).toEqual([0, 0, 0]);
  });

  it('of TCP that is the only one keeps all flags', () => {
    expect(cut(superSegment('06', tcpHeader, [1], 3), 0)[53]).toBe(0x99);
  });

  it('of UDP has its share of the payload and its length in both headers', () => {
    const udp = superSegment('11', udpHeader, [1, 2, 3, 4, 5, 6, 7, 8], 5);
    const packets = [0, 1].map((index) => cut(udp, index));
    expect(packets.map((packet) => [...packet.slice(48)])).toEqual([
      [1, 2, 3, 4, 5],
      [6, 7, 8],
    ]);
    expect(packets.map((packet) => [...packet.slice(4, 6), ...packet.slice(44, 46)])).toEqual([
      [0, 13, 0, 13],
      [0, 11, 0, 11],
    ]);
    expect(packets.map((packet) => packet.slice(40, 44))).toEqual([octets('12340035'), octets('12340035')]);
    expect(packets.map(sumOf)).toEqual([0, 0]);
  });

  it('has a valid checksum for any payload, which for UDP is never 0', () => {
    const payload = fc.array(fc.nat(255), { minLength: 1, maxLength: 40 });
    fc.assert(
      fc.property(payload, fc.nat({ max: 11 }), fc.boolean(), (octetsOfAll, more, isTcp) => {
        const run = superSegment(isTcp ? '06' : '11', isTcp ? tcpHeader : udpHeader, octetsOfAll, more + 1);
        for (let index = 0; index < run.count; index++) {
          const packet = cut(run, index);
          expect(sumOf(packet)).toBe(0);
          if (!isTcp) expect(packet[46]! + packet[47]!).toBeGreaterThan(0);
        }
      }),
    );
  });

  it.each([
    ['another protocol', superSegment('3a', udpHeader, [1, 2], 1)],
    [
      'a TCP header of less than 20 octets',
      superSegment('06', '1234 0050 00000000 00000000 4010 4000 0000 0000', [1], 1),
    ],
    ['a last packet shorter than the headers', { ...superSegment('11', udpHeader, [1], 1), lastPacketLength: 47 }],
  ])('is none with %s', (_what, run) => {
    expect(cut(run, 0)).toEqual(new Uint8Array(0));
  });

  it('may have no payload at all', () => {
    expect(cut({ ...superSegment('11', udpHeader, [1], 1), lastPacketLength: 48 }, 0)).toHaveLength(48);
  });
});

describe('the headers before a payload', () => {
  const { transportHeaderLength, transportChecksumOffset, checksumOf } = wire;
  const memory = (nextHeader: string, header: string) =>
    concatenate(octets('eeee'), octets(`60000000 0000 ${nextHeader} 40`, addresses, header));

  it.each([
    ['UDP', '11', udpHeader, 48],
    ['TCP without options', '06', '1234 0050 00000000 00000000 5010 4000 0000 0000', 60],
    ['TCP with options', '06', tcpHeader, 64],
    ['TCP with a data offset below 5', '06', '1234 0050 00000000 00000000 4010 4000 0000 0000', 0],
    ['ICMPv6', '3a', udpHeader, 0],
    ['hop-by-hop options', '00', udpHeader, 0],
  ])('of %s', (_what, nextHeader, header, expected) => {
    const bytes = memory(nextHeader, header);
    expect(transportHeaderLength(bytes, 2, 100)).toBe(expected);
    if (expected === 0) return;
    expect(transportHeaderLength(bytes, 2, expected)).toBe(expected);
    expect(transportHeaderLength(bytes, 2, expected - 1)).toBe(0);
    expect(transportHeaderLength(bytes, 2, 40)).toBe(0);
  });

  it('have their checksum 16 octets into TCP and 6 into UDP', () => {
    expect([transportChecksumOffset(6), transportChecksumOffset(17)]).toEqual([56, 46]);
  });

  it('carry the complement of the sum, and for UDP never 0', () => {
    expect([checksumOf(0x1234, 6), checksumOf(0x1234, 17)]).toEqual([0xedcb, 0xedcb]);
    expect([checksumOf(0xffff, 6), checksumOf(0xffff, 17)]).toEqual([0, 0xffff]);
    expect(checksumOf(0xfffe, 17)).toBe(1);
  });
});

describe('numbers of the protocol', () => {
  it('are those of the RFCs', () => {
    const { ipv6HeaderLength, ipv6PayloadLengthOffset, ipv6NextHeaderOffset, ipv6SourceOffset } = wire;
    expect([ipv6HeaderLength, ipv6PayloadLengthOffset, ipv6NextHeaderOffset, ipv6SourceOffset]).toEqual([40, 4, 6, 8]);
    expect([wire.ipv6AddressesOctets, wire.tcpProtocol, wire.udpProtocol]).toEqual([32, 6, 17]);
    // IPv6 and the longest TCP header, as a multiple of 16.
    expect(wire.maximumHeaderOctets).toBe(112);
    expect(wire.tcp).toEqual({ sequence: 4, dataOffset: 12, flags: 13, checksum: 16, minimumOctets: 20 });
    expect(wire.tcpFlags).toEqual({ fin: 1, push: 8, acknowledge: 16, congestionWindowReduced: 128 });
    expect(wire.udp).toEqual({ length: 4, checksum: 6, octets: 8 });
    expect([wire.defaultLinkMtu, wire.maximumUdpPayload, wire.maximumErrorLength]).toEqual([1280, 65507, 1280]);
    expect([wire.ipv6HeaderLength, wire.sourceOffset, wire.destinationOffset, wire.maximumHopLimit]).toEqual([
      40, 8, 24, 255,
    ]);
    expect([wire.originIndicationLength, wire.nonceAuthenticationLength, wire.nonceLength, wire.bubbleLength]).toEqual([
      8, 13, 8, 40,
    ]);
    expect(wire.nextHeaders).toEqual({
      hopByHop: 0,
      routing: 43,
      fragment: 44,
      authenticationHeader: 51,
      icmpv6: 58,
      none: 59,
      destinationOptions: 60,
    });
  });
});
