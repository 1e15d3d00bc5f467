import type { RandomSource } from '@navalis/engine';

const starts = [0x9e3779b9, 0x243f6a88, 0xb7e15162] as const;

/** The hash of the names that lead to a stream, in three words. */
export type SeedNames = readonly [number, number, number];

/** A seeded stream (sfc32). */
export class SimStream implements RandomSource {
  #a: number;
  #b: number;
  #c: number;
  #counter = 1;

  constructor([a, b, c]: SeedNames) {
    this.#a = mixed(a);
    this.#b = mixed(b);
    this.#c = mixed(c);
    for (let i = 0; i < 12; i++) this.word();
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

/**
 * A stream with streams below it. Every node has its own, derived from the seed of the run and the node's name, so that one more
 * node changes nothing for the others.
 */
export class SimRandom extends SimStream {
  /** The hashes of the names that lead here, from which streams below go on. */
  readonly #nameA: number;
  readonly #nameB: number;
  readonly #nameC: number;

  /** `above` is the hash of the names above; none by default. */
  constructor(seed: string, above: SeedNames = starts) {
    const names = hashes(seed, above);
    super(names);
    [this.#nameA, this.#nameB, this.#nameC] = names;
  }

  /** The stream of that name below this one; always the same, however much of this one is used up. */
  derive(name: string): SimRandom {
    return new SimRandom(`/${name}`, this.#names);
  }

  /** The same stream as `derive` returns, and smaller, since none is below it. */
  last(name: string): SimStream {
    return new SimStream(hashes(`/${name}`, this.#names));
  }

  get #names(): SeedNames {
    return [this.#nameA, this.#nameB, this.#nameC];
  }
}

function hashes(text: string, [a, b, c]: SeedNames): SeedNames {
  return [hash(text, a), hash(text, b), hash(text, c)];
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
