import { readUint32 } from '@navalis/address';
import type { RandomSource } from './engine.ts';

const scratch = new Uint8Array(4);

/** Uniform in [0, 1). */
export function drawShare(random: RandomSource): number {
  random.fill(scratch);
  return readUint32(scratch, 0) / 2 ** 32;
}
