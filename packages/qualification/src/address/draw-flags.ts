import { readUint32, teredoFlags } from '@navalis/address';
import type { RandomSource } from '@navalis/engine';

const scratch = new Uint8Array(4);

/** The 12 random flag bits, cone and reserved bits clear (RFC 5991 3.1). */
export function drawFlags(random: RandomSource): number {
  random.fill(scratch);
  return readUint32(scratch, 0) & teredoFlags.randomMask;
}
