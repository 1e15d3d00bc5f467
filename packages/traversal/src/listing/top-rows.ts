/**
 * The rows with the highest keys among those that were offered, at most as many as its capacity: a heap with the lowest of them on
 * top, so that most rows of a long table cost one comparison. Of equal keys the lower row comes first.
 */
export class TopRows {
  readonly #keys: Float64Array;
  readonly #rows: Int32Array;
  #limit = 0;
  #count = 0;

  constructor(capacity: number) {
    this.#keys = new Float64Array(capacity);
    this.#rows = new Int32Array(capacity);
  }

  /** Forgets all rows, and sets how many it holds at most. */
  begin(limit: number): void {
    this.#limit = limit;
    this.#count = 0;
  }

  offer(key: number, row: number): void {
    if (this.#count < this.#limit) {
      this.#put(this.#count++, key, row);
      this.#rise(this.#count - 1);
    } else if (isBefore(key, row, this.#keys[0]!, this.#rows[0]!)) {
      this.#put(0, key, row);
      this.#sink();
    }
  }

  /** Returns the rows with their keys, the highest key first. */
  sorted(): readonly { readonly key: number; readonly row: number }[] {
    const found = Array.from({ length: this.#count }, (_, at) => ({ key: this.#keys[at]!, row: this.#rows[at]! }));
    return found.sort((a, b) => (isBefore(a.key, a.row, b.key, b.row) ? -1 : 1));
  }

  #put(at: number, key: number, row: number): void {
    this.#keys[at] = key;
    this.#rows[at] = row;
  }

  #rise(from: number): void {
    for (let at = from; at > 0; ) {
      const parent = (at - 1) >>> 1;
      if (!this.#isWorse(at, parent)) return;
      this.#swap(at, parent);
      at = parent;
    }
  }

  #sink(): void {
    for (let at = 0; ; ) {
      const left = 2 * at + 1;
      if (left >= this.#count) return;
      const right = left + 1;
      const worse = right < this.#count && this.#isWorse(right, left) ? right : left;
      if (!this.#isWorse(worse, at)) return;
      this.#swap(worse, at);
      at = worse;
    }
  }

  #isWorse(one: number, other: number): boolean {
    return isBefore(this.#keys[other]!, this.#rows[other]!, this.#keys[one]!, this.#rows[one]!);
  }

  #swap(one: number, other: number): void {
    const [key, row] = [this.#keys[one]!, this.#rows[one]!];
    this.#put(one, this.#keys[other]!, this.#rows[other]!);
    this.#put(other, key, row);
  }
}

/** Returns true if the first key and row come before the second ones in a list. */
export function isBefore(key: number, row: number, otherKey: number, otherRow: number): boolean {
  return key > otherKey || (key === otherKey && row < otherRow);
}
