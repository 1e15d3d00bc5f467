import { SerialWork } from '../../scheduling/serial-work.ts';

/** Our choice: a page of a million peers takes 100 ms. */
const usualMost = 8;

/** Work for requests, one after another. Only so many may wait, and those whose asker has gone are skipped. */
export class BoundedQueue {
  readonly #most: number;
  readonly #work = new SerialWork();
  /** Returns true once the asker has gone. */
  readonly #waiting = new Set<() => boolean>();

  constructor(most: number = usualMost) {
    this.#most = most;
  }

  /** Resolves with the result, or with undefined for an asker that has gone; returns `full` if too many wait. */
  run<Result>(isGone: () => boolean, make: () => Promise<Result>): Promise<Result | undefined> | 'full' {
    for (const each of this.#waiting) if (each()) this.#waiting.delete(each);
    if (this.#waiting.size >= this.#most) return 'full';
    // Each asker has an entry of its own.
    const entry = () => isGone();
    this.#waiting.add(entry);
    return this.#work.run(async () => {
      try {
        return isGone() ? undefined : await make();
      } finally {
        this.#waiting.delete(entry);
      }
    });
  }
}
