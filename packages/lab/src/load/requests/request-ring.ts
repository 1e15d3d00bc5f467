import type { Milliseconds } from '@navalis/engine';

/** Requests that may be unanswered at once: more than 2 s of the highest rate. A power of two. */
const capacity = 1 << 18;

/** How long a request may stay unanswered until it counts as lost. */
const patienceMs: Milliseconds = 2_000;

/** The kinds of answers. */
export type Answer = 'in-time' | 'late' | 'unknown';

/** The requests of the last seconds by sequence number, of which the lowest bits choose the place. */
export class RequestRing {
  readonly #flows: Uint32Array = new Uint32Array(capacity);
  readonly #sentAt: Float64Array = new Float64Array(capacity);
  readonly #isAnswered: Uint8Array = new Uint8Array(capacity);
  /** The next sequence number, and the first one that is not judged yet. */
  #next = 0;
  #unjudged = 0;
  /** Requests before this one do not count. */
  #countedFrom = 0;
  sent = 0;
  answered = 0;
  lost = 0;
  late = 0;

  /** Returns the sequence number of a request, or undefined while too many are unanswered. */
  ask(flow: number, now: Milliseconds): number | undefined {
    if (this.#next - this.#unjudged >= capacity) return undefined;
    const place = this.#next % capacity;
    this.#flows[place] = flow;
    this.#sentAt[place] = now;
    this.#isAnswered[place] = 0;
    this.sent += 1;
    this.#next += 1;
    return this.#next - 1;
  }

  /** Records an answer with the lowest 32 bits of a sequence number. */
  answer(sequence: number, flow: number): Answer {
    const place = sequence % capacity;
    const whole = this.#wholeOf(sequence);
    if (whole < 0 || this.#flows[place] !== flow || this.#isAnswered[place] === 1) return 'unknown';
    this.#isAnswered[place] = 1;
    if (whole < this.#countedFrom) return 'unknown';
    if (whole < this.#unjudged) {
      this.late += 1;
      return 'late';
    }
    this.answered += 1;
    return 'in-time';
  }

  /** Returns when the request was sent. */
  sentAt(sequence: number): Milliseconds {
    return this.#sentAt[sequence % capacity]!;
  }

  /** Counts requests that have been unanswered for too long. */
  judge(now: Milliseconds): void {
    for (; this.#unjudged < this.#next; this.#unjudged += 1) {
      const place = this.#unjudged % capacity;
      if (this.#sentAt[place]! > now - patienceMs) return;
      if (this.#isAnswered[place] === 0 && this.#unjudged >= this.#countedFrom) this.lost += 1;
    }
  }

  reset(): void {
    this.#countedFrom = this.#next;
    this.sent = 0;
    this.answered = 0;
    this.lost = 0;
    this.late = 0;
  }

  /** Returns the sequence number with these lowest bits among those that are remembered; -1 if there is none. */
  #wholeOf(lowest: number): number {
    const distance = (((this.#next - lowest) % 2 ** 32) + 2 ** 32) % 2 ** 32;
    return distance === 0 || distance > capacity || distance > this.#next ? -1 : this.#next - distance;
  }
}
