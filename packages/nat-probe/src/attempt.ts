import type { Milliseconds } from '@navalis/engine';

/** Something that is sent again until it is answered, or until its transmissions are used up. */
export class Attempt {
  /** When it succeeded; undefined until then. */
  succeededAt: Milliseconds | undefined;
  readonly #send: () => void;
  readonly #spacingMs: Milliseconds;
  /** Wait after the last transmission. */
  readonly #patienceMs: Milliseconds;
  #left: number;
  #next: Milliseconds;

  constructor(
    send: () => void,
    parts: {
      readonly from: Milliseconds;
      readonly transmissions: number;
      readonly spacingMs: Milliseconds;
      readonly patienceMs: Milliseconds;
    },
  ) {
    this.#send = send;
    this.#spacingMs = parts.spacingMs;
    this.#patienceMs = parts.patienceMs;
    this.#left = parts.transmissions;
    this.#next = parts.from;
  }

  /** Whether there is nothing more to wait for. */
  get isOver(): boolean {
    return this.succeededAt !== undefined || this.#next === Number.POSITIVE_INFINITY;
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
    this.#next = now + (this.#left === 0 ? this.#patienceMs : this.#spacingMs);
    this.#send();
  }

  succeed(now: Milliseconds): void {
    this.succeededAt ??= now;
  }
}
