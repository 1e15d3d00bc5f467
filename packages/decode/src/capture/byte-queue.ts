const nothing = new Uint8Array(0);

/** Octets that arrive in chunks of any size. Keeps one chunk and what is asked for, and no more. */
export class ByteQueue {
  /** Octets taken so far. */
  taken = 0;
  readonly #chunks: AsyncIterator<Uint8Array>;
  #bytes: Uint8Array = nothing;

  constructor(chunks: AsyncIterable<Uint8Array>) {
    this.#chunks = chunks[Symbol.asyncIterator]();
  }

  /** The octets that are here; may be none. */
  get here(): Uint8Array {
    return this.#bytes;
  }

  /** Waits until `octets` are here; resolves with false when the input ends before. */
  async has(octets: number): Promise<boolean> {
    while (this.#bytes.length < octets) {
      const { done, value } = await this.#chunks.next();
      if (done === true) return false;
      this.#bytes = this.#bytes.length === 0 ? value : joined(this.#bytes, value);
    }
    return true;
  }

  /** Takes the next octets, which are here. Valid for good: they are never written to. */
  take(octets: number): Uint8Array {
    const taken = this.#bytes.subarray(0, octets);
    this.#bytes = this.#bytes.subarray(octets);
    this.taken += octets;
    return taken;
  }

  /** Drops the next octets as they come; resolves with false when the input ends before. */
  async skip(octets: number): Promise<boolean> {
    let left = octets;
    while (left > 0) {
      if (!(await this.has(1))) return false;
      left -= this.take(Math.min(left, this.#bytes.length)).length;
    }
    return true;
  }
}

function joined(first: Uint8Array, second: Uint8Array): Uint8Array {
  const both = new Uint8Array(first.length + second.length);
  both.set(first);
  both.set(second, first.length);
  return both;
}
