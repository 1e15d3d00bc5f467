import { drawShare, type RandomSource } from '@navalis/engine';
import { firstRetryMs, longestRetryMs, retryJitterShare } from './choices.ts';

/** Which server is next and when: all of the list in turn without delay, then a wait that doubles from round to round. */
export class RetrySchedule {
  #servers: number;
  readonly #random: RandomSource;
  #failures = 0;
  #current = 0;

  constructor(servers: number, random: RandomSource) {
    this.#servers = servers;
    this.#random = random;
  }

  /** Index of the server to use. */
  get current(): number {
    return this.#current;
  }

  /** Notes that the current server failed; answers the whole milliseconds to wait before the next one is tried. */
  fail(): number {
    this.#failures++;
    this.#current = (this.#current + 1) % this.#servers;
    if (this.#failures % this.#servers !== 0) return 0;
    const round = this.#failures / this.#servers;
    const nominal = Math.min(longestRetryMs, firstRetryMs * 2 ** (round - 1));
    return Math.round(nominal * (1 + retryJitterShare * (2 * drawShare(this.#random) - 1)));
  }

  /** Goes on with the server at this index of a list of so many, as if nothing had failed. */
  restart(servers: number, current: number): void {
    this.#servers = servers;
    this.#current = current;
    this.#failures = 0;
  }

  /** Notes a success, or news that makes past failures meaningless. The current server stays. */
  reset(): void {
    this.#failures = 0;
  }
}
