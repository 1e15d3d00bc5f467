import type { Milliseconds } from '@navalis/engine';

/** Our choice: the waits between attempts to start while the network lacks something, at first and at most. */
const firstRetryMs = 1_000;
const longestRetryMs = 3_000;

/** Our choice: the wait when the host changed during the failed attempt. */
const soonMs = 100;

/** Decides how long to wait between attempts to start: 1 s, 2 s, then 3 s. */
export class RetryPace {
  #waitMs: Milliseconds = firstRetryMs;

  /** Returns the wait before the next attempt. `hasChanged`: the host changed during the failed attempt. */
  nextWaitMs(hasChanged: boolean): Milliseconds {
    const waitMs = hasChanged ? soonMs : this.#waitMs;
    this.#waitMs = Math.min(this.#waitMs + firstRetryMs, longestRetryMs);
    return waitMs;
  }

  /** Starts again with the shortest wait. */
  reset(): void {
    this.#waitMs = firstRetryMs;
  }
}
