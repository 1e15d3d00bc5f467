import { describe, expect, it } from 'vitest';
import { ByteQueue } from '../src/capture/byte-queue.ts';
import type { CaptureEnd, Frame } from '../src/capture/frame.ts';
import { readPcap } from '../src/capture/pcap.ts';
import { readPcapng } from '../src/capture/pcapng.ts';
import { block, joined, pcap, u16, u32 } from './captures.ts';

async function* chunksOf(bytes: Uint8Array, octets: number): AsyncGenerator<Uint8Array> {
  for (let offset = 0; offset < bytes.length; offset += octets) yield bytes.subarray(offset, offset + octets);
}

type Reader = (queue: ByteQueue) => AsyncGenerator<Frame, CaptureEnd>;

/** Reads a capture that comes in chunks of 4 octets, or as one. */
async function read(reader: Reader, bytes: Uint8Array, chunkOctets = bytes.length > 1000 ? bytes.length : 4) {
  const frames: Frame[] = [];
  const reading = reader(new ByteQueue(chunksOf(bytes, chunkOctets)));
  let next = await reading.next();
  for (; next.done !== true; next = await reading.next()) frames.push(next.value);
  return { frames, problem: next.value.problem };
}

const damagedAt = (offset: number) => `The capture is damaged at octet ${offset}.`;
const cutAt = (offset: number) => `The capture ends in the middle of a packet, at octet ${offset}.`;

describe('octets that arrive in chunks', () => {
  it('are dropped as they come, to the last one, and counted', async () => {
    const queue = new ByteQueue(chunksOf(Uint8Array.of(1, 2, 3, 4, 5, 6), 3));
    expect([await queue.skip(4), queue.taken, await queue.has(2)]).toEqual([true, 4, true]);
    expect([...queue.take(1)]).toEqual([5]);
    expect([await queue.skip(1), queue.taken, await queue.has(1)]).toEqual([true, 6, false]);
  });

  it('are too few when the input ends before', async () => {
    const queue = new ByteQueue(chunksOf(Uint8Array.of(1, 2, 3), 2));
    expect([await queue.has(4), await queue.skip(4), queue.taken]).toEqual([false, false, 3]);
  });
});

describe('a capture in pcap format', () => {
  it.each([
    [0xa1b2c3d4, 999_000, 999],
    [0xa1b23c4d, 999_000_000, 999],
    [0xa1b2c3d4, 1, 0.001],
    [0xa1b23c4d, 1_000, 0.001],
  ])('with the magic number %i counts in units of its own: %i', async (magic, units, ms) => {
    for (const isLittle of [true, false]) {
      const bytes = pcap(1, [Uint8Array.of(1)], isLittle, magic);
      bytes.set(u32(units, isLittle), 24 + 4);
      expect((await read(readPcap, bytes)).frames).toEqual([
        { bytes: Uint8Array.of(1), linkType: 1, atMs: 1_700_000_000_000 + ms },
      ]);
    }
  });

  it('has packets of 262,144 octets at most', async () => {
    const longest = pcap(1, [new Uint8Array(262_144)]);
    expect((await read(readPcap, longest)).frames).toHaveLength(1);
    expect(await read(readPcap, pcap(1, [new Uint8Array(262_145)]))).toEqual({ frames: [], problem: damagedAt(24) });
  });

  it('is cut where one octet is left, or its header is not whole', async () => {
    expect((await read(readPcap, Uint8Array.of(...pcap(1, []), 0))).problem).toBe(cutAt(24));
    expect((await read(readPcap, pcap(1, []).subarray(0, 23))).problem).toBe(cutAt(0));
    expect((await read(readPcap, pcap(1, []))).problem).toBeUndefined();
  });
});

const section = (isLittle = true) =>
  block(0x0a0d0d0a, [...u32(0x1a2b3c4d, isLittle), 1, 0, 0, 0, ...new Array<number>(8).fill(255)], isLittle);
const network = (linkType: number, options: readonly number[] = [], isLittle = true) =>
  block(1, [...u16(linkType, isLittle), 0, 0, ...u32(0, isLittle), ...options], isLittle);
const simple = (frame: readonly number[], octets = frame.length, isLittle = true) =>
  block(3, [...u32(octets, isLittle), ...frame], isLittle);
const enhanced = (which: number, frame: readonly number[], octets = frame.length, units = 5_000, isLittle = true) =>
  block(
    6,
    [
      ...u32(which, isLittle),
      ...u32(0, isLittle),
      ...[units, octets, octets].flatMap((each) => u32(each, isLittle)),
      ...frame,
    ],
    isLittle,
  );
const resolution = (value: number) => [...u16(9, true), ...u16(1, true), value, 0, 0, 0];

describe('a capture in pcapng format', () => {
  const readBlocks = (...blocks: readonly Uint8Array[]) => read(readPcapng, joined(blocks));

  it('is read to its end, after blocks of 12 octets and more', async () => {
    expect(await readBlocks()).toEqual({ frames: [], problem: undefined });
    expect(await readBlocks(section())).toEqual({ frames: [], problem: undefined });
    expect((await readBlocks(section(), block(0xbad, [], true))).problem).toBeUndefined();
    expect((await readBlocks(section(), Uint8Array.of(0))).problem).toBe(cutAt(28));
    expect((await readBlocks(section(), block(0xbad, [], true).subarray(0, 11))).problem).toBe(cutAt(28));
    expect((await readBlocks(section(), block(0xbad, [1, 2, 3, 4], true).subarray(0, 15))).problem).toBe(cutAt(28));
  });

  it.each([8, 13, 14, 15])('is damaged where a block says that it has %i octets', async (octets) => {
    const bad = block(0xbad, [0, 0, 0, 0], true);
    bad.set(u32(octets, true), 4);
    expect((await readBlocks(section(), bad)).problem).toBe(damagedAt(28));
  });

  it('has interfaces for each section, in its byte order', async () => {
    const { frames, problem } = await readBlocks(
      section(),
      network(1),
      enhanced(0, [1, 2, 3, 4]),
      section(false),
      network(101, [], false),
      enhanced(0, [5, 6, 7, 8], 4, 5_000, false),
      section(),
      simple([1, 2, 3, 4]),
    );
    expect(frames).toEqual([
      { bytes: Uint8Array.of(1, 2, 3, 4), linkType: 1, atMs: 5 },
      { bytes: Uint8Array.of(5, 6, 7, 8), linkType: 101, atMs: 5 },
    ]);
    expect(problem).toBe(damagedAt(28 + 20 + 36 + 28 + 20 + 36 + 28));
  });

  it('that begins without a section has no interface, and is little endian', async () => {
    expect(await readBlocks(simple([1, 2, 3, 4]))).toEqual({ frames: [], problem: damagedAt(0) });
    expect((await readBlocks(network(1), simple([1, 2, 3, 4]))).frames).toHaveLength(1);
  });

  it('has 4096 interfaces at most, and one more that nobody uses', async () => {
    const many = (count: number) => Array.from({ length: count }, () => network(1));
    expect((await readBlocks(section(), ...many(4_097))).problem).toBeUndefined();
    expect((await readBlocks(section(), ...many(4_096), simple([1, 2, 3, 4]))).frames).toHaveLength(1);
    expect((await readBlocks(section(), ...many(4_097), simple([1, 2, 3, 4]))).problem).toBe(
      damagedAt(28 + 20 * 4_097),
    );
  });

  it('has blocks of packets of 327,680 octets at most; others are skipped', async () => {
    const blockOf = (type: number, octets: number) => {
      const bytes = new Uint8Array(octets);
      bytes.set([...u32(type, true), ...u32(octets, true), ...u32(0, true)]);
      return bytes;
    };
    const parts = [section(), network(1)];
    expect((await readBlocks(...parts, blockOf(6, 327_680))).frames).toHaveLength(1);
    expect((await readBlocks(...parts, blockOf(6, 327_684))).problem).toBe(damagedAt(48));
    expect((await readBlocks(...parts, blockOf(0xbad, 327_684))).problem).toBeUndefined();
  });

  it('has packets of the octets that were captured, with padding or without', async () => {
    const { frames } = await readBlocks(
      section(),
      network(1),
      simple([1, 2, 3, 4], 3),
      simple([1, 2, 3, 4], 100),
      simple([]),
      enhanced(0, [1, 2, 3, 4], 3),
      enhanced(0, []),
    );
    expect(frames.map(({ bytes, atMs }) => [[...bytes], atMs])).toEqual([
      [[1, 2, 3], undefined],
      [[1, 2, 3, 4], undefined],
      [[], undefined],
      [[1, 2, 3], 5],
      [[], 5],
    ]);
  });

  it.each([
    ['an interface that is too short', block(1, [1, 0, 0, 0], true)],
    ['a simple packet that is too short', block(3, [], true)],
    ['a packet without any field', block(6, [], true)],
    ['a packet that is too short', block(6, new Array<number>(16).fill(0), true)],
    ['a packet of an unknown interface', enhanced(1, [1, 2, 3, 4])],
    ['a packet with more octets than the block', enhanced(0, [1, 2, 3, 4], 5)],
  ])('is damaged by %s', async (_, bad) => {
    expect(await readBlocks(section(), network(1), bad, simple([1, 2, 3, 4]))).toEqual({
      frames: [],
      problem: damagedAt(48),
    });
  });

  it.each([
    ['microseconds without it', [], 5],
    ['milliseconds', resolution(3), 5_000],
    ['nanoseconds', resolution(9), 0.005],
    ['1024ths of a second', resolution(0x8a), (5_000 * 1_000) / 1_024],
    ['behind other options', [...u16(2, true), ...u16(5, true), 1, 2, 3, 4, 0, 0, 0, 0, ...resolution(3)], 5_000],
    ['behind an option of one octet', [...u16(2, true), ...u16(1, true), 9, 0, 0, 0, ...resolution(3)], 5_000],
    ['not one of two octets', [...u16(9, true), ...u16(2, true), 3, 3, 0, 0], 5],
    ['none behind the end of options', [...u16(0, true), ...u16(0, true), ...resolution(3)], 5],
    ['none that has no room', [...u16(9, true), ...u16(1, true)], 5],
  ])('counts time in the units that the interface tells: %s', async (_, options, ms) => {
    const { frames } = await readBlocks(section(), network(1, options), enhanced(0, [1, 2, 3, 4]));
    expect(frames.map(({ atMs }) => atMs)).toEqual([ms]);
  });
});
