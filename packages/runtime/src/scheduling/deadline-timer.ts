import type { Milliseconds } from '@navalis/engine';
import type { Time } from './time.ts';

/** The longest delay of a timer of Node, which fires longer ones at once. */
const longestDelayMs = 2 ** 31 - 1;

/** Calls a function once when a deadline is reached. There is one deadline at a time: setting another one replaces it. */
export class DeadlineTimer {
  readonly #time: Pick<Time, 'now' | 'after'>;
  readonly #due: () => void;
  #cancel: (() => void) | undefined;

  constructor(time: Pick<Time, 'now' | 'after'>, due: () => void) {
    this.#time = time;
    this.#due = due;
  }

  get isSet(): boolean {
    return this.#cancel !== undefined;
  }

  /** Replaces the deadline, a time of the monotonic clock; `POSITIVE_INFINITY` for none. */
  set(deadline: Milliseconds): void {
    this.clear();
    if (deadline !== Number.POSITIVE_INFINITY) this.#arm(deadline);
  }

  /** Replaces the deadline with one `delayMs` from now. */
  setAfter(delayMs: Milliseconds): void {
    this.set(this.#time.now() + delayMs);
  }

  clear(): void {
    this.#cancel?.();
    this.#cancel = undefined;
  }

  #arm(deadline: Milliseconds): void {
    const delayMs = Math.min(Math.max(0, deadline - this.#time.now()), longestDelayMs);
    this.#cancel = this.#time.after(delayMs, () => this.#fire(deadline));
  }

  #fire(deadline: Milliseconds): void {
    this.#cancel = undefined;
    // A timer of Node may fire a fraction of a millisecond early.
    if (this.#time.now() < deadline) this.#arm(deadline);
    else this.#due();
  }
}
