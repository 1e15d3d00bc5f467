/**
 * The one's complement sum (RFC 1071), not complemented, of the big-endian 16-bit words in `length` octets at `offset`, an odd
 * last octet padded with a zero, and of `initial`. At most 512 KiB: the lanes hold 32 bits.
 */
export function sum(offset: u32, length: u32, initial: u32): u32 {
  // The sum does not depend on the order of octets within the words (RFC 1071 section 2 (B)), so it is taken little-endian
  // and turned at the end. Processors multiply and add pairs of signed words in one step, so 0x8000 is taken from each word
  // before, and given back for all at once.
  const bias = i16x8.splat(-0x8000);
  const ones = i16x8.splat(1);
  let lanes = i32x4.splat(0);
  let otherLanes = i32x4.splat(0);
  let at = offset;
  for (const end = offset + (length & ~31); at < end; at += 32) {
    lanes = i32x4.add(lanes, i32x4.dot_i16x8_s(v128.xor(v128.load(at, 0, 1), bias), ones));
    otherLanes = i32x4.add(otherLanes, i32x4.dot_i16x8_s(v128.xor(v128.load(at, 16, 1), bias), ones));
  }
  lanes = i32x4.add(lanes, otherLanes);
  if (length & 16) {
    lanes = i32x4.add(lanes, i32x4.dot_i16x8_s(v128.xor(v128.load(at, 0, 1), bias), ones));
    at += 16;
  }
  const inLanes =
    <i64>i32x4.extract_lane(lanes, 0) +
    <i64>i32x4.extract_lane(lanes, 1) +
    <i64>i32x4.extract_lane(lanes, 2) +
    <i64>i32x4.extract_lane(lanes, 3);
  let total = <u64>(inLanes + <i64>((at - offset) >>> 1) * 0x8000);
  // Fewer than 16 octets are left.
  for (const end = at + (length & 14); at < end; at += 2) total += load<u16>(at);
  if (length & 1) total += load<u8>(at);
  return fold(<u64>bswap<u16>(<u16>fold(total)) + <u64>initial);
}

/** Adds the carries until 16 bits are left; three rounds do for any 48 bits. */
function fold(total: u64): u32 {
  total = (total & 0xffff) + (total >>> 16);
  total = (total & 0xffff) + (total >>> 16);
  return <u32>((total & 0xffff) + (total >>> 16));
}
