import type { Milliseconds } from '@navalis/engine';

/**
 * Our choice: how long a relay must work before routers hear of it. The checks of forwarding and of routes need 3 s to see a relay that
 * never worked, and each change moves the flows of many clients twice.
 */
const firstHoldMs = 5_000;

/** Our choice: the longest time, for a relay that fails again and again. */
const longestHoldMs = 60_000;

/** Our choice: after this time without a failure, the next hold is a first one. */
const calmMs = 60_000;

/** Decides how long a relay must work before it is announced: longer each time it fails soon after. */
export class AnnouncementPace {
  #holdMs = firstHoldMs;
  #announcedAt: Milliseconds | undefined;

  /** Returns the time for which the relay must work. */
  get holdMs(): Milliseconds {
    return this.#holdMs;
  }

  announced(now: Milliseconds): void {
    this.#announcedAt = now;
  }

  /** Records that the relay stopped working. Without an effect on one that was not announced. */
  withdrawn(now: Milliseconds): void {
    if (this.#announcedAt === undefined) return;
    const wasCalm = now - this.#announcedAt >= calmMs;
    this.#holdMs = wasCalm ? firstHoldMs : Math.min(2 * this.#holdMs, longestHoldMs);
    this.#announcedAt = undefined;
  }
}
