import { randomFillSync } from 'node:crypto';
import type { RandomSource } from '@navalis/engine';

/** Unpredictable octets from the platform's generator, read one page at a time: a call costs more than an octet. */
export function cryptographicRandom(pageOctets = 4096): RandomSource {
  const page = new Uint8Array(pageOctets);
  let used = pageOctets;
  return {
    fill(target) {
      if (target.length > pageOctets) {
        randomFillSync(target);
        return;
      }
      if (used + target.length > pageOctets) {
        randomFillSync(page);
        used = 0;
      }
      for (let index = 0; index < target.length; index++) {
        target[index] = page[used]!;
        // Returned octets are erased.
        page[used++] = 0;
      }
    },
  };
}
