import type { Ipv6Value } from '@navalis/address';
import type { RandomSource } from '@navalis/engine';

/**
 * From the four words of an IPv6 address to a row number: open addressing with linear probing, at most half full. A
 * secret decides on the places, so that nobody can choose addresses that collide (SEC-17). Rows start at 1.
 */
export class AddressIndex {
  readonly #words: Uint32Array;
  readonly #slots: Int32Array;
  readonly #mask: number;
  readonly #secrets: Uint32Array = new Uint32Array(4);

  /** `words` holds four words per row; the index reads it and never writes it. */
  constructor(words: Uint32Array, capacity: number, random: RandomSource) {
    this.#words = words;
    this.#slots = new Int32Array(powerOfTwoFrom(2 * capacity));
    this.#mask = this.#slots.length - 1;
    random.fill(new Uint8Array(this.#secrets.buffer));
  }

  /** The row with this address, or 0. */
  find({ word0, word1, word2, word3 }: Ipv6Value): number {
    let slot = this.#place(word0, word1, word2, word3);
    for (;;) {
      const row = this.#slots[slot]!;
      if (row === 0) return 0;
      const at = 4 * row;
      if (
        this.#words[at + 3] === word3 &&
        this.#words[at + 2] === word2 &&
        this.#words[at + 1] === word1 &&
        this.#words[at] === word0
      ) {
        return row;
      }
      slot = (slot + 1) & this.#mask;
    }
  }

  /** Adds a row whose words are already in place and which is not in the index. */
  add(row: number): void {
    let slot = this.#placeOf(row);
    while (this.#slots[slot] !== 0) slot = (slot + 1) & this.#mask;
    this.#slots[slot] = row;
  }

  /** Removes a row that is in the index, closing the gap so that no probe ends early. */
  remove(row: number): void {
    let gap = this.#placeOf(row);
    while (this.#slots[gap] !== row) gap = (gap + 1) & this.#mask;
    for (let slot = (gap + 1) & this.#mask; this.#slots[slot] !== 0; slot = (slot + 1) & this.#mask) {
      const place = this.#placeOf(this.#slots[slot]!);
      // The row may move into the gap unless its own place lies behind the gap.
      if (((slot - place) & this.#mask) >= ((slot - gap) & this.#mask)) {
        this.#slots[gap] = this.#slots[slot]!;
        gap = slot;
      }
    }
    this.#slots[gap] = 0;
  }

  #placeOf(row: number): number {
    const at = 4 * row;
    return this.#place(this.#words[at]!, this.#words[at + 1]!, this.#words[at + 2]!, this.#words[at + 3]!);
  }

  #place(word0: number, word1: number, word2: number, word3: number): number {
    const secrets = this.#secrets;
    let hash = Math.imul(word0 ^ secrets[0]!, 0x9e3779b1);
    hash = Math.imul(hash ^ (hash >>> 15) ^ word1 ^ secrets[1]!, 0x85ebca6b);
    hash = Math.imul(hash ^ (hash >>> 13) ^ word2 ^ secrets[2]!, 0xc2b2ae35);
    hash = Math.imul(hash ^ (hash >>> 16) ^ word3 ^ secrets[3]!, 0x27d4eb2f);
    // The upper bits of the last word reach the lower bits of the place only with another round.
    hash = Math.imul(hash ^ (hash >>> 16), 0xc2b2ae35);
    return (hash ^ (hash >>> 13)) & this.#mask;
  }
}

/** The smallest power of two that is not below `least`. */
export function powerOfTwoFrom(least: number): number {
  let size = 1;
  while (size < least) size *= 2;
  return size;
}
