import type { Milliseconds } from '../milliseconds.ts';

/** At most so many events in any second that begins with one. Holds two numbers. */
export class RateLimit {
  readonly #perSecond: number;
  #windowStart: Milliseconds = Number.NEGATIVE_INFINITY;
  #taken = 0;

  constructor(perSecond: number) {
    this.#perSecond = perSecond;
  }

  take(now: Milliseconds): boolean {
    if (now - this.#windowStart >= 1000) {
      this.#windowStart = now;
      this.#taken = 0;
    }
    if (this.#taken >= this.#perSecond) return false;
    this.#taken++;
    return true;
  }
}
