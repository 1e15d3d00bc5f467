import type { RandomSource } from '@navalis/engine';

/**
 * A seeded stream (sfc32). Every node has its own, derived from the seed of the run and the node's name, so that one more
 * node changes nothing for the others.
 */
export class SimRandom implements RandomSource {
  readonly #seed: string;
  #a: number;
  #b: number;
  #c: number;
  #counter = 1;

  constructor(seed: string) {
    this.#seed = seed;
    this.#a = hash(seed, 0x9e3779b9);
    this.#b = hash(seed, 0x243f6a88);
    this.#c = hash(seed, 0xb7e15162);
    for (let i = 0; i < 12; i++) this.word();
  }

  /** The stream of that name below this one; always the same, however much of this one is used up. */
  derive(name: string): SimRandom {
    return new SimRandom(`${this.#seed}/${name}`);
  }

  /** 32 random bits, unsigned. */
  word(): number {
    const result = (this.#a + this.#b + this.#counter++) | 0;
    this.#a = this.#b ^ (this.#b >>> 9);
    this.#b = (this.#c + (this.#c << 3)) | 0;
    this.#c = (((this.#c << 21) | (this.#c >>> 11)) + result) | 0;
    return result >>> 0;
  }

  /** At least 0, below 1. */
  share(): number {
    return this.word() / 0x1_0000_0000;
  }

  /** A whole number from 0 to `limit` - 1. */
  below(limit: number): number {
    return Math.floor(this.share() * limit);
  }

  /** True in so many of all cases; draws nothing when that is never. */
  happens(probability: number): boolean {
    return probability > 0 && this.share() < probability;
  }

  fill(target: Uint8Array): void {
    for (let i = 0; i < target.length; i++) target[i] = this.word();
  }
}

/** FNV-1a over the text, from a start of its own for each word of the state. */
function hash(text: string, start: number): number {
  let state = start | 0;
  for (let i = 0; i < text.length; i++) state = Math.imul(state ^ text.charCodeAt(i), 0x01000193);
  return state ^ (state >>> 15);
}
