import type { Milliseconds } from '@navalis/engine';

/** The next deadlines of a fixed number of members: a binary heap in typed arrays. */
export class DeadlineQueue {
  /** By member. */
  readonly #at: Float64Array;
  /** The members; those with the earliest deadline of their part of the tree come first. */
  readonly #heap: Uint32Array;
  /** Where each member is in the heap. */
  readonly #place: Uint32Array;

  constructor(members: number) {
    this.#at = new Float64Array(members).fill(Number.POSITIVE_INFINITY);
    this.#heap = Uint32Array.from({ length: members }, (_, member) => member);
    this.#place = this.#heap.slice();
  }

  /** The member with the earliest deadline. */
  get first(): number {
    return this.#heap[0]!;
  }

  /** The earliest deadline; `Infinity` when no member has one. */
  get earliest(): Milliseconds {
    return this.#at[this.#heap[0]!] ?? Number.POSITIVE_INFINITY;
  }

  /** Sets the deadline of a member; `Infinity`: none. */
  set(member: number, at: Milliseconds): void {
    const before = this.#at[member]!;
    this.#at[member] = at;
    if (at < before) this.#rise(member);
    else if (at > before) this.#sink(member);
  }

  #rise(member: number): void {
    let place = this.#place[member]!;
    while (place > 0) {
      const parent = (place - 1) >>> 1;
      const other = this.#heap[parent]!;
      if (this.#at[other]! <= this.#at[member]!) break;
      this.#put(other, place);
      place = parent;
    }
    this.#put(member, place);
  }

  #sink(member: number): void {
    let place = this.#place[member]!;
    for (;;) {
      let child = 2 * place + 1;
      if (child >= this.#heap.length) break;
      if (child + 1 < this.#heap.length && this.#at[this.#heap[child + 1]!]! < this.#at[this.#heap[child]!]!)
        child += 1;
      const other = this.#heap[child]!;
      if (this.#at[other]! >= this.#at[member]!) break;
      this.#put(other, place);
      place = child;
    }
    this.#put(member, place);
  }

  #put(member: number, place: number): void {
    this.#heap[place] = member;
    this.#place[member] = place;
  }
}
