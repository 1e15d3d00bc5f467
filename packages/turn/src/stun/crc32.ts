const polynomial = 0xedb8_8320;

const table: Uint32Array = Uint32Array.from({ length: 256 }, (_, octet) => {
  let value = octet;
  for (let bit = 0; bit < 8; bit++) value = (value >>> 1) ^ (value & 1 ? polynomial : 0);
  return value;
});

/** Returns the CRC-32 of `length` octets at `offset` (ITU V.42). */
export function crc32(bytes: Uint8Array, offset: number, length: number): number {
  let value = 0xffff_ffff;
  for (let index = offset; index < offset + length; index++) {
    value = (value >>> 8) ^ table[(value ^ bytes[index]!) & 0xff]!;
  }
  return (value ^ 0xffff_ffff) >>> 0;
}
