import { readUint32, teredoFlags } from '@navalis/address';
import type { RandomSource } from '@navalis/engine';
import type { QualificationOptions } from '../options.ts';

const scratch = new Uint8Array(4);

/** Draws the 12 random flag bits, cone and reserved bits clear (RFC 5991 3.1); 0 where they are switched off. */
export function drawFlags({ randomFlags }: QualificationOptions, random: RandomSource): number {
  if (randomFlags === false) return 0;
  random.fill(scratch);
  return readUint32(scratch, 0) & teredoFlags.randomMask;
}
