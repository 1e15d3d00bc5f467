import { sourceOffset } from './headers';

/** Returns true if two IPv6 packets have the same source and the same destination. */
export function sameAddresses(one: u32, other: u32): bool {
  const differs = v128.or(
    v128.xor(v128.load(one + sourceOffset, 0, 1), v128.load(other + sourceOffset, 0, 1)),
    v128.xor(v128.load(one + sourceOffset, 16, 1), v128.load(other + sourceOffset, 16, 1)),
  );
  return !v128.any_true(differs);
}
