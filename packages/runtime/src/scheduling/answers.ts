/** Requests whose answers come as messages, by number. Resolves with undefined when the other side ends. */
export class Answers<Answer> {
  readonly #waiters = new Map<number, (answer: Answer | undefined) => void>();
  #next = 0;

  /** Makes a request with a number of its own, and waits for its answer. */
  ask(send: (id: number) => void): Promise<Answer | undefined> {
    const id = this.#next++;
    return new Promise((resolve) => {
      this.#waiters.set(id, resolve);
      send(id);
    });
  }

  /** Handles an answer; one that nobody waits for is ignored. */
  arrived(id: number, answer: Answer): void {
    this.#waiters.get(id)?.(answer);
    this.#waiters.delete(id);
  }

  /** Ends all requests without an answer. */
  end(): void {
    for (const resolve of this.#waiters.values()) resolve(undefined);
    this.#waiters.clear();
  }
}
