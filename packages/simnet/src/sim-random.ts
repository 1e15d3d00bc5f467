import type { RandomSource } from '@navalis/engine';

const starts = [0x9e3779b9, 0x243f6a88, 0xb7e15162] as const;

/**
 * A seeded stream (sfc32). Every node has its own, derived from the seed of the run and the node's name, so that one more
 * node changes nothing for the others.
 */
export class SimRandom implements RandomSource {
  /** The hashes of the names that lead here, from which streams below go on. */
  readonly #nameA: number;
  readonly #nameB: number;
  readonly #nameC: number;
  #a: number;
  #b: number;
  #c: number;
  #counter = 1;

  /** `above` is the stream that this one is derived from. */
  constructor(seed: string, above?: SimRandom) {
    this.#nameA = hash(seed, above === undefined ? starts[0] : above.#nameA);
    this.#nameB = hash(seed, above === undefined ? starts[1] : above.#nameB);
    this.#nameC = hash(seed, above === undefined ? starts[2] : above.#nameC);
    this.#a = mixed(this.#nameA);
    this.#b = mixed(this.#nameB);
    this.#c = mixed(this.#nameC);
    for (let i = 0; i < 12; i++) this.word();
  }

  /** The stream of that name below this one; always the same, however much of this one is used up. */
  derive(name: string): SimRandom {
    return new SimRandom(`/${name}`, this);
  }

  /** 32 random bits, unsigned. */
  word(): number {
    return this.#step() >>> 0;
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
    for (let i = 0; i < target.length; i++) target[i] = this.#step();
  }

  #step(): number {
    const result = (this.#a + this.#b + this.#counter++) | 0;
    this.#a = this.#b ^ (this.#b >>> 9);
    this.#b = (this.#c + (this.#c << 3)) | 0;
    this.#c = (((this.#c << 21) | (this.#c >>> 11)) + result) | 0;
    return result;
  }
}

/** FNV-1a over the text, from a start of its own for each word of the state, or from the end of the text before. */
function hash(text: string, start: number): number {
  let state = start | 0;
  for (let i = 0; i < text.length; i++) state = Math.imul(state ^ text.charCodeAt(i), 0x01000193);
  return state;
}

function mixed(state: number): number {
  return state ^ (state >>> 15);
}
