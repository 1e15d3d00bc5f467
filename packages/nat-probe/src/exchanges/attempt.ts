import type { Milliseconds } from '@navalis/engine';

export interface AttemptParts {
  readonly from: Milliseconds;
  readonly transmissions: number;
  readonly spacingMs: Milliseconds;
  /** Wait after the last transmission. */
  readonly patienceMs: Milliseconds;
  /** Goes on after a success, so that its successes can be counted. */
  readonly isCounted?: boolean;
}

/** Something that is sent again until it succeeds, or until its transmissions are used up. */
export class Attempt {
  /** When it first succeeded; undefined until then. */
  succeededAt: Milliseconds | undefined;
  successes = 0;
  readonly #send: () => void;
  readonly #parts: AttemptParts;
  #left: number;
  #next: Milliseconds;

  constructor(send: () => void, parts: AttemptParts) {
    this.#send = send;
    this.#parts = parts;
    this.#left = parts.transmissions;
    this.#next = parts.from;
  }

  get hasSucceeded(): boolean {
    return this.succeededAt !== undefined;
  }

  /** Returns true if there is nothing more to wait for. */
  get isOver(): boolean {
    return (this.hasSucceeded && this.#parts.isCounted !== true) || this.#next === Number.POSITIVE_INFINITY;
  }

  nextDeadline(): Milliseconds {
    return this.isOver ? Number.POSITIVE_INFINITY : this.#next;
  }

  handleDeadline(now: Milliseconds): void {
    if (now < this.nextDeadline()) return;
    if (this.#left === 0) {
      this.#next = Number.POSITIVE_INFINITY;
      return;
    }
    this.#left -= 1;
    this.#next = now + (this.#left === 0 ? this.#parts.patienceMs : this.#parts.spacingMs);
    this.#send();
  }

  succeed(now: Milliseconds): void {
    this.succeededAt ??= now;
    this.successes += 1;
  }
}
