/**
 * Runs asynchronous work one piece at a time, in the order in which it was added. A piece that fails rejects its own promise
 * and does not stop the next one. After `close`, pieces that have not begun are skipped.
 */
export class SerialWork {
  /** Never rejects. */
  #last: Promise<unknown> = Promise.resolve();
  #isClosed = false;

  get isClosed(): boolean {
    return this.#isClosed;
  }

  /** Runs `piece` after all pieces added before; resolves with its result, or with undefined when it was skipped. */
  run<Result>(piece: () => Promise<Result> | Result): Promise<Result | undefined> {
    const outcome = this.#last.then(() => (this.#isClosed ? undefined : piece()));
    this.#last = outcome.catch(() => undefined);
    return outcome;
  }

  /** Resolves when all pieces added so far have ended; never rejects. */
  async settled(): Promise<void> {
    await this.#last;
  }

  /** Skips all pieces that have not begun, also later ones; resolves when the one that runs has ended. Never rejects. */
  close(): Promise<void> {
    this.#isClosed = true;
    return this.settled();
  }
}
