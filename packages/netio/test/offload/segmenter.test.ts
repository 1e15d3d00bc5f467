import type { PacketRun } from '@navalis/engine';
import { cutPacket, maximumHeaderOctets } from '@navalis/wire';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { vectorOctets } from '../../src/kernel/message-headers.ts';
import { Segmenter } from '../../src/offload/segmenter.ts';
import { headerOctets, headersOf, protocols, tcpPacket, udpPacket } from './packets.ts';
import { slowSegments } from './slow-offload.ts';
import { testArena } from './test-arena.ts';

const { arena, loops, gather, put, rewind } = testArena(2 ** 20, 2 ** 17);
const segmenter = new Segmenter(arena, loops);
const most = 4_000;
const headers = arena.allocate(most * maximumHeaderOctets);
const vectors = arena.allocate(most * 2 * vectorOctets);

/** A super-segment as the tunnel interface returns it: the first header has the length of the first packet. */
function superSegment(packet: Uint8Array, segmentOctets: number): PacketRun {
  rewind();
  const offset = put(packet);
  const headers = headersOf(packet);
  const payload = packet.length - headers;
  const count = Math.ceil(payload / segmentOctets);
  const packetLength = headers + Math.min(segmentOctets, payload);
  new DataView(arena.bytes.buffer).setUint16(offset + 4, packetLength - headerOctets);
  const lastPacketLength = headers + payload - (count - 1) * segmentOctets;
  return { memory: arena.bytes, offset, packetLength, lastPacketLength, count, headerStride: 0 };
}

/** Some packets at a time, as they fit messages. */
function cutBySegmenter(run: PacketRun, atOnce = 7): Uint8Array[] {
  expect(segmenter.begin(run)).toBe(true);
  const packets: Uint8Array[] = [];
  while (packets.length < run.count) {
    const count = Math.min(atOnce, run.count - packets.length);
    segmenter.writePackets(packets.length, count, headers, vectors);
    for (let index = 0; index < count; index++) {
      packets.push(gather(arena.address(vectors + index * 2 * vectorOctets), 2));
    }
  }
  return packets;
}

/** The same through a channel: each packet stands behind 4 octets with the channel and its length. */
function cutForChannel(run: PacketRun): Uint8Array[] {
  const channel = 0x4007;
  expect(segmenter.begin(run, channel)).toBe(true);
  segmenter.writePackets(0, run.count, headers, vectors);
  const packets = Array.from({ length: run.count }, (_, index) =>
    gather(arena.address(vectors + index * 2 * vectorOctets), 2),
  );
  return packets.map((packet) => {
    const length = packet.length - 4;
    expect([...packet.subarray(0, 4)]).toEqual([channel >>> 8, channel & 0xff, length >>> 8, length & 0xff]);
    return packet.subarray(4);
  });
}

/** Cuts packets as engines cut those that must wait. */
function cutByCore(run: PacketRun): Uint8Array[] {
  const packet = new Uint8Array(2_000);
  return Array.from({ length: run.count }, (_, index) => packet.slice(0, cutPacket(run, index, packet, 0)));
}

describe.each([
  ['Segmenter', cutBySegmenter],
  ['Segmenter for a channel', cutForChannel],
  ['cutPacket', cutByCore],
])('%s', (_name, cut) => {
  it('cuts TCP like the slow reference, for any flags, options, sizes and sequence numbers', () => {
    fc.assert(
      fc.property(
        fc.record({
          sequence: fc.nat(0xffffffff),
          flags: fc.nat(255),
          window: fc.nat(0xffff),
          flowLabel: fc.nat(0xfffff),
          options: fc.nat(10).chain((words) => fc.array(fc.nat(255), { minLength: words * 4, maxLength: words * 4 })),
        }),
        fc.uint8Array({ minLength: 1, maxLength: 3000 }),
        fc.integer({ min: 1, max: 1400 }),
        (fields, payload, segmentOctets) => {
          const packet = tcpPacket(fields, payload);
          expect(cut(superSegment(packet, segmentOctets))).toEqual(slowSegments(packet, segmentOctets));
        },
      ),
    );
  });

  it('cuts UDP like the slow reference', () => {
    fc.assert(
      fc.property(
        fc.uint8Array({ minLength: 1, maxLength: 3000 }),
        fc.integer({ min: 1, max: 1400 }),
        (payload, segmentOctets) => {
          const packet = udpPacket(1, payload);
          expect(cut(superSegment(packet, segmentOctets))).toEqual(slowSegments(packet, segmentOctets));
        },
      ),
    );
  });

  it('cuts the longest super-segment', () => {
    const packet = tcpPacket({ sequence: 0xffff_0000, options: new Array(12).fill(1) }, new Uint8Array(65_000).fill(7));
    expect(cut(superSegment(packet, 1208))).toEqual(slowSegments(packet, 1208));
  });

  it('never writes a UDP checksum of 0, which would mean none', () => {
    for (let value = 0; value < 0x10000; value += 1) {
      const packet = udpPacket(0, new Uint8Array([value >>> 8, value, 1, 2]));
      const [first] = cut(superSegment(packet, 2));
      const written = (first![46]! << 8) | first![47]!;
      if (written !== 0xffff) continue;
      expect(slowSegments(packet, 2)[0]).toEqual(first);
      return;
    }
    expect.fail('no payload gave the checksum that is sent as 0xffff');
  });
});

describe('Segmenter and cutPacket', () => {
  const refuses = (run: PacketRun) => {
    const isRefused = !segmenter.begin(run);
    expect(cutPacket(run, run.count - 1, new Uint8Array(2_000), 0) === 0).toBe(isRefused);
    return isRefused;
  };

  it('refuse packets without TCP or UDP directly behind the IPv6 header, and truncated headers', () => {
    const bases = superSegment(tcpPacket({ sequence: 1 }, new Uint8Array(100)), 50);
    for (const nextHeader of [0, 43, 44, 50, 58, 59, 60]) {
      arena.bytes[bases.offset + 6] = nextHeader;
      expect(refuses(bases)).toBe(true);
    }
    arena.bytes[bases.offset + 6] = protocols.tcp;
    expect(refuses({ ...bases, packetLength: 59 })).toBe(true);
    expect(refuses({ ...bases, lastPacketLength: 59 })).toBe(true);
    arena.bytes[bases.offset + headerOctets + 12] = 0x40;
    expect(refuses(bases)).toBe(true);
    arena.bytes[bases.offset + headerOctets + 12] = 0x50;
    expect(refuses(bases)).toBe(false);
  });
});
