import type { Milliseconds } from '@navalis/engine';

/** Returns true if a router that counted `before` seconds and counts `now` seconds, `elapsed` seconds later, lost its state. */
type EpochRule = (before: number, now: number, elapsed: number) => boolean;

/** RFC 6887 section 8.5: the clocks may differ by 1/16 and 2 s, in both directions. */
export const pcpEpochRule: EpochRule = (before, now, elapsed) => {
  if (now + 1 < before) return true;
  const counted = now - before;
  return elapsed + 2 < counted - counted / 16 || counted + 2 < elapsed - elapsed / 16;
};

/** RFC 6886 section 3.6: a router that counts slower than 7/8 of our time, less 2 s, has begun again. */
export const natPmpEpochRule: EpochRule = (before, now, elapsed) => now < before + (7 / 8) * elapsed - 2;

/** Compares the seconds that a router counts since its start with our clock: a restarted router has forgotten all mappings. */
export class EpochWatch {
  readonly #rule: EpochRule;
  #last: { readonly epochSeconds: number; readonly at: Milliseconds } | undefined;

  constructor(rule: EpochRule) {
    this.#rule = rule;
  }

  /** Records what the router counts at a time of the monotonic clock; returns true if it began again since the last call. */
  hasRestarted(epochSeconds: number, now: Milliseconds): boolean {
    const last = this.#last;
    this.#last = { epochSeconds, at: now };
    return last !== undefined && this.#rule(last.epochSeconds, epochSeconds, (now - last.at) / 1000);
  }
}
