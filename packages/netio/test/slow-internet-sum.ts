/** `InternetChecksum.sum` over any octets in a slow, simple way: the oracle of tests. */
export function slowInternetSum(bytes: Uint8Array, offset: number, length: number, initial: number): number {
  let sum = initial;
  for (let index = 0; index < length; index += 2) {
    const high = bytes[offset + index]!;
    const low = index + 1 < length ? bytes[offset + index + 1]! : 0;
    sum += high * 256 + low;
  }
  while (sum > 0xffff) sum = (sum % 0x10000) + Math.floor(sum / 0x10000);
  return sum;
}
