import { readUint32, writeUint32 } from '../octets.ts';
import type { Ipv6Value } from '../values.ts';

/** Reads 16 octets. The caller has checked the length. */
export function readIpv6(bytes: Uint8Array, offset: number): Ipv6Value {
  return {
    word0: readUint32(bytes, offset),
    word1: readUint32(bytes, offset + 4),
    word2: readUint32(bytes, offset + 8),
    word3: readUint32(bytes, offset + 12),
  };
}

/** An address that its owner reuses, where one object for each address would allocate too much. */
export type MutableIpv6Value = { -readonly [Word in keyof Ipv6Value]: number };

/** Returns an address to read into. Its words start outside of small integers, so that V8 never changes their representation. */
export function createMutableIpv6Value(): MutableIpv6Value {
  return { word0: 0xffff_ffff, word1: 0xffff_ffff, word2: 0xffff_ffff, word3: 0xffff_ffff };
}

/** Reads 16 octets into `target`. The caller has checked the length. */
export function readIpv6Into(target: MutableIpv6Value, view: DataView, offset: number): void {
  target.word0 = view.getUint32(offset);
  target.word1 = view.getUint32(offset + 4);
  target.word2 = view.getUint32(offset + 8);
  target.word3 = view.getUint32(offset + 12);
}

/** Writes 16 octets. */
export function writeIpv6(bytes: Uint8Array, offset: number, value: Ipv6Value): void {
  writeUint32(bytes, offset, value.word0);
  writeUint32(bytes, offset + 4, value.word1);
  writeUint32(bytes, offset + 8, value.word2);
  writeUint32(bytes, offset + 12, value.word3);
}

export function ipv6Equals(left: Ipv6Value, right: Ipv6Value): boolean {
  return (
    left.word0 === right.word0 && left.word1 === right.word1 && left.word2 === right.word2 && left.word3 === right.word3
  );
}

/** Returns whether the 16 octets at `offset` are `value`. */
export function ipv6EqualsAt(bytes: Uint8Array, offset: number, value: Ipv6Value): boolean {
  return (
    readUint32(bytes, offset) === value.word0 &&
    readUint32(bytes, offset + 4) === value.word1 &&
    readUint32(bytes, offset + 8) === value.word2 &&
    readUint32(bytes, offset + 12) === value.word3
  );
}
