const bufferOctets = 0x40000;

/** The buffer that the next copies go into: many copies share one, which is faster than a buffer for each. */
let buffer = new ArrayBuffer(bufferOctets);
let used = 0;

/** Returns a copy of a part of `memory`, for its receiver alone. */
export function copyOf(memory: Uint8Array, offset: number, length: number): Uint8Array {
  if (length > bufferOctets - used) {
    buffer = new ArrayBuffer(Math.max(bufferOctets, length));
    used = 0;
  }
  const copy = new Uint8Array(buffer, used, length);
  used += length;
  for (let index = 0; index < length; index++) copy[index] = memory[offset + index]!;
  return copy;
}
