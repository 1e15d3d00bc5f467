import { type Ipv4Value, mappedAddressOfWord, mappedPortOfWord } from '@navalis/address';
import type { RandomSource } from '@navalis/engine';
import { powerOfTwoFrom } from './address-index.ts';
import { LinkedLists } from './linked-lists.ts';

/**
 * From an IPv4 endpoint to the rows of peers whose Teredo address embeds it: chains behind keyed buckets. Wanted for
 * bubbles whose IPv6 source names no peer (IO-03), so rarely that a step along a chain is cheap enough.
 */
export class EndpointIndex {
  readonly #words: Uint32Array;
  readonly #chains: LinkedLists;
  readonly #mask: number;
  readonly #secret: Uint32Array = new Uint32Array(1);

  /** `words` holds four address words per row; the index reads it and never writes it. */
  constructor(words: Uint32Array, capacity: number, random: RandomSource) {
    const buckets = powerOfTwoFrom(Math.max(1, capacity / 4));
    this.#words = words;
    this.#chains = new LinkedLists(buckets, capacity);
    this.#mask = buckets - 1;
    random.fill(new Uint8Array(this.#secret.buffer));
  }

  /** The oldest row that embeds this endpoint, or 0. */
  find(address: Ipv4Value, port: number): number {
    return this.#search(this.#chains.head(this.#bucket(address, port)), address, port);
  }

  /** The next row after `row` with the same endpoint, or 0: addresses may differ in their random flags only. */
  findNext(row: number, address: Ipv4Value, port: number): number {
    return this.#search(this.#chains.next(row), address, port);
  }

  add(row: number): void {
    this.#chains.append(this.#bucketOf(row), row);
  }

  remove(row: number): void {
    this.#chains.remove(this.#bucketOf(row), row);
  }

  #search(from: number, address: Ipv4Value, port: number): number {
    for (let row = from; row !== 0; row = this.#chains.next(row)) {
      if (this.#addressOf(row) === address && this.#portOf(row) === port) return row;
    }
    return 0;
  }

  #addressOf(row: number): Ipv4Value {
    return mappedAddressOfWord(this.#words[4 * row + 3]!);
  }

  #portOf(row: number): number {
    return mappedPortOfWord(this.#words[4 * row + 2]!);
  }

  #bucketOf(row: number): number {
    return this.#bucket(this.#addressOf(row), this.#portOf(row));
  }

  #bucket(address: Ipv4Value, port: number): number {
    let hash = Math.imul(address ^ this.#secret[0]!, 0x9e3779b1);
    hash = Math.imul(hash ^ (hash >>> 15) ^ port, 0x85ebca6b);
    return (hash ^ (hash >>> 13)) & this.#mask;
  }
}
