import { describe, expect, it } from 'vitest';
import { Arena, ArenaShare } from '../src/kernel/arena.ts';
import { errorOf } from './errors.ts';

const base = 0x7f12_3456_0000;
const arenaOf = (octets: number, at: bigint = BigInt(base)) => new Arena({ address: () => at }, octets);

describe('Arena', () => {
  it('hands out aligned places that do not overlap', () => {
    const arena = arenaOf(65_536);
    expect(arena.allocate(1, 1)).toBe(0);
    expect(arena.allocate(5)).toBe(16);
    expect(arena.allocate(1, 64)).toBe(64);
    expect(arena.allocate(1, 1)).toBe(65);
  });

  it('refuses requests beyond its size, and reserves nothing for them', () => {
    const arena = arenaOf(65_536);
    arena.allocate(65_000);
    expect(errorOf(() => arena.allocate(1000)).code).toBe('internal');
    expect(arena.allocate(500)).toBe(65_008);
  });

  it('reuses returned memory, zeroed, and loses nothing to alignment', () => {
    const arena = arenaOf(65_536);
    const before = arena.used;
    for (let round = 0; round < 1000; round++) {
      const shares = [0, 1, 2].map(() => new ArenaShare(arena));
      const places = shares.flatMap((share) => [share.allocate(5000, 1), share.allocate(1, 64), share.allocate(3000)]);
      for (const place of places) {
        expect(arena.bytes[place]).toBe(0);
        arena.bytes[place] = 0xee;
      }
      // Back in another order than they were reserved in.
      for (const index of [1, 0, 2]) shares[index]!.release();
      expect(arena.used).toBe(before);
    }
    expect(arena.allocate(65_536, 1)).toBe(0);
  });

  it('never hands out memory that is still reserved', () => {
    const arena = arenaOf(65_536);
    const reserved = new Map<number, number>();
    let seed = 7;
    const below = (limit: number) => {
      seed = (seed * 48_271) % 0x7fff_ffff;
      return seed % limit;
    };
    for (let step = 0; step < 3000; step++) {
      if (reserved.size > 8 || (reserved.size > 0 && below(2) === 0)) {
        const [offset, octets] = [...reserved][below(reserved.size)]!;
        arena.free(offset, octets);
        reserved.delete(offset);
        continue;
      }
      const octets = 1 + below(4000);
      const offset = arena.allocate(octets, [1, 16, 64][below(3)]);
      for (const [other, length] of reserved) expect(offset + octets <= other || other + length <= offset).toBe(true);
      reserved.set(offset, octets);
    }
    for (const [offset, octets] of reserved) arena.free(offset, octets);
    expect(arena.used).toBe(0);
  });

  it('copies memory from elsewhere, from any offset in any view, and no other octets', () => {
    const arena = arenaOf(65_536);
    const memory = Uint8Array.from({ length: 256 }, (_, index) => index);
    const sources = [memory, memory.subarray(4, 103), memory.subarray(1, 201), memory.slice(0, 7), memory];
    for (const source of sources) {
      for (const offset of [0, 3, 4, 5]) {
        for (const octets of [0, 1, 2, source.length - offset]) {
          arena.bytes.fill(0xee, 0, 512);
          arena.copyFrom(source, offset, octets, 16);
          expect([...arena.bytes.subarray(0, 512)]).toEqual([
            ...new Uint8Array(16).fill(0xee),
            ...source.subarray(offset, offset + octets),
            ...new Uint8Array(512 - 16 - octets).fill(0xee),
          ]);
        }
      }
    }
  });

  it('copies changes since the previous copy', () => {
    const arena = arenaOf(65_536);
    const source = new Uint8Array(8).fill(1);
    arena.copyFrom(source, 0, 8, 0);
    source.fill(2);
    arena.copyFrom(source, 0, 8, 0);
    expect([...arena.bytes.subarray(0, 8)]).toEqual([...source]);
  });

  it('cannot grow, so that its address holds', () => {
    const { memory, bytes } = arenaOf(65_536);
    expect(() => memory.grow(1)).toThrow(RangeError);
    expect(memory.buffer).toBe(bytes.buffer);
  });

  it('writes addresses beyond 32 bits as pointers', () => {
    const arena = arenaOf(65_536);
    arena.writePointer(8, 0xabc);
    expect(new DataView(arena.bytes.buffer).getBigUint64(8, true)).toBe(BigInt(base) + 0xabcn);
    expect(arena.address(0xabc)).toBe(base + 0xabc);
  });

  it('refuses an address that a number cannot hold', () => {
    expect(errorOf(() => arenaOf(65_536, 2n ** 60n)).code).toBe('internal');
  });

  it.each([0x7fff_ffff_0000, 0x1_ffff_f000])('reads back pointers it wrote, across 4 GiB too: %d', (at) => {
    const arena = arenaOf(65_536, BigInt(at));
    for (const offset of [0, 0xfff, 0x1000, 0xffff]) {
      arena.writePointer(8, offset);
      expect(new DataView(arena.bytes.buffer).getBigUint64(8, true)).toBe(BigInt(at + offset));
      expect(arena.readPointer(8)).toBe(offset);
    }
  });

  it('knows its own memory, also by part', () => {
    const arena = arenaOf(65_536);
    expect(arena.offsetOf(arena.bytes)).toBe(0);
    expect(arena.offsetOf(arena.bytes.subarray(10, 20))).toBe(10);
    expect(arena.offsetOf(new Uint8Array(10))).toBe(-1);
  });
});
