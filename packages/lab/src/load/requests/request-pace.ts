import type { Milliseconds } from '@navalis/engine';

/** When requests are due, so many a second. */
export class RequestPace {
  #perSecond = 0;
  #since: Milliseconds = 0;
  /** Those that left, or were left out, since the rate was set. */
  #counted = 0;

  get perSecond(): number {
    return this.#perSecond;
  }

  set(perSecond: number, now: Milliseconds): void {
    this.#perSecond = perSecond;
    this.#since = now;
    this.#counted = 0;
  }

  /** Returns the time of the next request; infinity at a rate of 0. */
  get nextAt(): Milliseconds {
    return this.#since + ((this.#counted + 1) * 1_000) / this.#perSecond;
  }

  /** Returns the requests that are due. */
  due(now: Milliseconds): number {
    return Math.floor(((now - this.#since) * this.#perSecond) / 1_000) - this.#counted;
  }

  /** Counts requests that leave, or are left out. */
  count(requests: number = 1): void {
    this.#counted += requests;
  }
}
