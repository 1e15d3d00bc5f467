import { createPacketRun, type PacketRun, pointRunAt } from '@navalis/engine';
import { Arena, Coalescer, createInternetChecksum, type InternetChecksum, Segmenter } from '@navalis/netio/testing';
import type { Subject } from './subject.ts';

const packets = 45;
const headerOctets = 60;
const payloadOctets = 1_220;
const packetOctets = headerOctets + payloadOctets;
const repeats = 20;

/** Cutting and joining super-segments of TCP, and the sum that both need. */
export function offloadSubjects(): readonly Subject[] {
  const arena = new Arena({ address: () => 0x10_0000n }, 1_000_000);
  const checksum = createInternetChecksum(arena.memory);
  return [segmentation(arena, checksum), coalescing(arena, checksum), summing(arena, checksum)];
}

/** A super-segment as the kernel hands it over: one header, payloads of 45 packets. */
function superSegment(arena: Arena): PacketRun {
  const offset = arena.allocate(headerOctets + packets * payloadOctets);
  writeHeader(arena, offset, 0);
  const run = createPacketRun(arena.bytes);
  pointRunAt(run, offset, packetOctets);
  run.count = packets;
  run.lastPacketLength = packetOctets;
  run.headerStride = 0;
  return run;
}

function segmentation(arena: Arena, checksum: InternetChecksum): Subject {
  const run = superSegment(arena);
  const segmenter = new Segmenter(arena, checksum);
  const header = arena.allocate(128);
  return {
    name: `cutting into packets, per packet of ${packetOctets} octets`,
    operations: repeats * packets,
    run: () => {
      let octets = 0;
      for (let repeat = 0; repeat < repeats; repeat++) {
        if (!segmenter.begin(run)) return -1;
        for (let packet = 0; packet < packets; packet++) {
          segmenter.writeHeader(packet, header);
          octets += segmenter.payloadLength(packet);
        }
      }
      return octets;
    },
    isRight: (octets) => octets === repeats * packets * payloadOctets,
  };
}

function coalescing(arena: Arena, checksum: InternetChecksum): Subject {
  const segmenter = new Segmenter(arena, checksum);
  const run = superSegment(arena);
  segmenter.begin(run);
  const offsets = Array.from({ length: packets }, (_, packet) => {
    const offset = arena.allocate(packetOctets);
    segmenter.writeHeader(packet, offset);
    return offset;
  });
  const coalescer = new Coalescer(arena, checksum, true);
  return {
    name: `joining packets, per packet of ${packetOctets} octets`,
    operations: repeats * packets,
    run: () => {
      let joined = 0;
      for (let repeat = 0; repeat < repeats; repeat++) {
        coalescer.begin(offsets[0]!, packetOctets);
        for (let packet = 1; packet < packets; packet++) coalescer.join(offsets[packet]!, packetOctets);
        joined += coalescer.count;
      }
      return joined;
    },
    isRight: (joined) => joined === repeats * packets,
  };
}

function summing(arena: Arena, checksum: InternetChecksum): Subject {
  const offset = arena.allocate(1_280);
  arena.bytes.fill(0x11, offset, offset + 1_280);
  const expected = checksum.sum(offset, 1_280, 0);
  return {
    name: 'checksum over 1280 octets',
    operations: 1_000,
    run: () => {
      let sum = 0;
      for (let repeat = 0; repeat < 1_000; repeat++) sum += checksum.sum(offset, 1_280, 0);
      return sum;
    },
    isRight: (sum) => sum === 1_000 * expected && expected !== 0,
  };
}

/** IPv6 and TCP, acknowledging, without options. */
function writeHeader({ bytes }: Arena, offset: number, sequence: number): void {
  const view = new DataView(bytes.buffer, offset, headerOctets);
  view.setUint32(0, 0x6000_0000);
  view.setUint16(4, packetOctets - 40);
  bytes[offset + 6] = 6;
  bytes[offset + 7] = 64;
  bytes[offset + 8] = 0x20;
  bytes[offset + 24] = 0x2a;
  view.setUint16(40, 1_000);
  view.setUint16(42, 80);
  view.setUint32(44, sequence);
  bytes[offset + 52] = 5 << 4;
  bytes[offset + 53] = 0x10;
}
