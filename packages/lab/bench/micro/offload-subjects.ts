import { createPacketRun, type PacketRun, pointRunAt } from '@navalis/engine';
import { Arena, Coalescer, createPacketLoops, type PacketLoops, Segmenter } from '@navalis/netio/testing';
import type { Subject } from './subject.ts';

const packets = 45;
const headerOctets = 60;
const payloadOctets = 1_220;
const packetOctets = headerOctets + payloadOctets;
const repeats = 20;
/** The channel of ChannelData. */
const channel = 0x4000;

/** Cutting and joining super-segments of TCP, and the checksum that both need. */
export function offloadSubjects(): readonly Subject[] {
  const arena = new Arena({ address: () => 0x10_0000n }, 1_000_000);
  const loops = createPacketLoops(arena.memory);
  return [
    segmentation(arena, loops, 0),
    segmentation(arena, loops, channel),
    findingRun(arena, loops),
    coalescing(arena, loops),
    summing(arena, loops),
  ];
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

/** Room for the headers and the pieces of memory of all packets. */
interface Written {
  readonly headers: number;
  readonly vectors: number;
}

function placeForPackets(arena: Arena, segmenter: Segmenter): Written {
  return { headers: arena.allocate(packets * segmenter.headerRoom), vectors: arena.allocate(packets * 2 * 16) };
}

/** Cutting, as ChannelData of a channel or, with 0, as it is. */
function segmentation(arena: Arena, loops: PacketLoops, through: number): Subject {
  const run = superSegment(arena);
  const segmenter = new Segmenter(arena, loops);
  segmenter.begin(run, through);
  const { headers, vectors } = placeForPackets(arena, segmenter);
  return {
    name: `cutting into ${through === 0 ? 'packets' : 'ChannelData'}, per packet of ${packetOctets} octets`,
    operations: repeats * packets,
    run: () => {
      let octets = 0;
      for (let repeat = 0; repeat < repeats; repeat++) {
        if (!segmenter.begin(run, through)) return -1;
        segmenter.writePackets(0, packets, headers, vectors);
        for (let packet = 0; packet < packets; packet++) octets += arena.uint32[(vectors + packet * 32 + 24) >>> 2]!;
      }
      return octets;
    },
    isRight: (octets) => octets === repeats * packets * payloadOctets,
  };
}

/** A bundle of datagrams with a packet in ChannelData each. */
function findingRun(arena: Arena, loops: PacketLoops): Subject {
  const octets = 4 + packetOctets;
  const first = arena.allocate(packets * octets);
  const view = new DataView(arena.bytes.buffer);
  for (let packet = 0; packet < packets; packet++) {
    const at = first + packet * octets;
    view.setUint16(at, channel);
    view.setUint16(at + 2, packetOctets);
    writeHeader(arena, at + 4, packet);
  }
  return {
    name: `finding a run of ChannelData, per packet of ${packetOctets} octets`,
    operations: repeats * packets,
    run: () => {
      let found = 0;
      for (let repeat = 0; repeat < repeats; repeat++) found += loops.leadingRun(first, packets * octets, octets);
      return found;
    },
    isRight: (found) => found === repeats * packets,
  };
}

function coalescing(arena: Arena, loops: PacketLoops): Subject {
  const segmenter = new Segmenter(arena, loops);
  const run = superSegment(arena);
  segmenter.begin(run);
  const { headers, vectors } = placeForPackets(arena, segmenter);
  segmenter.writePackets(0, packets, headers, vectors);
  const first = arena.allocate(packets * packetOctets);
  for (let packet = 0; packet < packets; packet++) {
    const header = headers + packet * segmenter.headerRoom;
    const payload = run.offset + headerOctets + packet * payloadOctets;
    const at = first + packet * packetOctets;
    arena.bytes.copyWithin(at, header, header + headerOctets);
    arena.bytes.copyWithin(at + headerOctets, payload, payload + payloadOctets);
  }
  const packetsApart = createPacketRun(arena.bytes);
  pointRunAt(packetsApart, first, packetOctets);
  packetsApart.count = packets;
  packetsApart.headerStride = packetOctets;
  const coalescer = new Coalescer(arena, loops, true);
  return {
    name: `joining packets, per packet of ${packetOctets} octets`,
    operations: repeats * packets,
    run: () => {
      let joined = 0;
      for (let repeat = 0; repeat < repeats; repeat++) {
        coalescer.clear();
        coalescer.begin(first, packetOctets);
        coalescer.join(packetsApart, first, 1);
        joined += coalescer.count;
      }
      return joined;
    },
    isRight: (joined) => joined === repeats * packets,
  };
}

function summing(arena: Arena, loops: PacketLoops): Subject {
  const offset = arena.allocate(1_280);
  arena.bytes.fill(0x11, offset, offset + 1_280);
  const expected = loops.sum(offset, 1_280, 0);
  return {
    name: 'checksum over 1280 octets',
    operations: 1_000,
    run: () => {
      let sum = 0;
      for (let repeat = 0; repeat < 1_000; repeat++) sum += loops.sum(offset, 1_280, 0);
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
