import { Arena } from '../../src/kernel/arena.ts';
import { createPacketLoops, type PacketLoops } from '../../src/packet-loops/packet-loops.ts';

const base = 0x10_0000;

/** An arena at a made-up address, with what a test needs to read it as the kernel does. */
export interface TestArena {
  readonly arena: Arena;
  readonly loops: PacketLoops;
  /** Returns the octets that an array of `struct iovec` at a machine address refers to. */
  gather(vectorsAddress: number, count: number): Uint8Array;
  /** Copies octets into the arena; returns their offset, a multiple of 16. */
  put(octets: Uint8Array): number;
  /** Makes `put` start again. */
  rewind(): void;
}

export function testArena(octets: number, room: number): TestArena {
  const arena = new Arena({ address: () => BigInt(base) }, octets);
  const area = arena.allocate(room);
  let used = 0;
  return {
    arena,
    loops: createPacketLoops(arena.memory),
    gather(vectorsAddress, count) {
      const parts: number[] = [];
      for (let index = 0; index < count; index++) {
        const vector = (vectorsAddress - base + index * 16) >>> 2;
        const offset = arena.uint32[vector]! - base;
        for (let at = offset; at < offset + arena.uint32[vector + 2]!; at++) parts.push(arena.bytes[at]!);
      }
      return Uint8Array.from(parts);
    },
    put(bytes) {
      const offset = area + used;
      used += Math.ceil(bytes.length / 16) * 16;
      if (used > room) throw new Error('the arena of the test is too small');
      arena.bytes.set(bytes, offset);
      return offset;
    },
    rewind() {
      used = 0;
    },
  };
}
