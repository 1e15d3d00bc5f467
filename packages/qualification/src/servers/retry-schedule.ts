import { drawShare, type Milliseconds, type RandomSource } from '@navalis/engine';
import {
  firstRetryMs,
  longestAnsweredRetryMs,
  longestFixedPortRetryMs,
  longestSilentRetryMs,
  retryJitterShare,
} from '../choices.ts';

export interface RetryOptions {
  /** How many there are. */
  readonly servers: number;
  /** Whether the service port stays whatever happens. */
  readonly keepsPort: boolean;
  /** How long a server that is silent is asked. */
  readonly silentServerMs: Milliseconds;
}

/** Schedules the next server and its time: all of the list in turn without delay, then a wait that doubles from round to round. */
export class RetrySchedule {
  #servers: number;
  readonly #random: RandomSource;
  readonly #keepsPort: boolean;
  readonly #silentServerMs: Milliseconds;
  #failures = 0;
  #current = 0;

  constructor(options: RetryOptions, random: RandomSource) {
    this.#servers = options.servers;
    this.#keepsPort = options.keepsPort;
    this.#silentServerMs = options.silentServerMs;
    this.#random = random;
  }

  /** Index of the server to use. */
  get current(): number {
    return this.#current;
  }

  set current(index: number) {
    this.#current = index;
  }

  /** Returns true if no server has failed yet, or all have since the last wait. */
  get isRoundBegin(): boolean {
    return this.#failures % this.#servers === 0;
  }

  /**
   * Records that the current server failed, or that one answered and Teredo does not work behind this NAT; returns the whole
   * milliseconds to wait before the next one is tried. `isOfAll`: all were asked at the same time, at the begin of a round that is
   * over now.
   */
  fail(hasServerAnswered: boolean, isOfAll: boolean): Milliseconds {
    this.#failures += isOfAll ? this.#servers : 1;
    this.#current = (this.#current + 1) % this.#servers;
    if (this.#failures % this.#servers !== 0) return 0;
    const round = this.#failures / this.#servers;
    const nominal = Math.min(this.#longestWaitMs(hasServerAnswered, isOfAll), firstRetryMs * 2 ** (round - 1));
    return Math.round(nominal * (1 + retryJitterShare * (2 * drawShare(this.#random) - 1)));
  }

  /** Goes on with the server at this index of a list of so many, as if nothing had failed. */
  restart(servers: number, current: number): void {
    this.#servers = servers;
    this.#current = current;
    this.#failures = 0;
  }

  /** Records a success, or news that makes past failures meaningless. The current server stays. */
  reset(): void {
    this.#failures = 0;
  }

  #longestWaitMs(hasServerAnswered: boolean, isOfAll: boolean): Milliseconds {
    if (hasServerAnswered) return longestAnsweredRetryMs;
    if (this.#keepsPort) return longestFixedPortRetryMs;
    const askedInTurn = isOfAll ? 1 : this.#servers;
    return Math.max(firstRetryMs, longestSilentRetryMs - (askedInTurn - 1) * this.#silentServerMs);
  }
}
