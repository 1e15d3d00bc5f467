import type { Arena } from './arena.ts';

/** Octets of a `struct mmsghdr`: a `msghdr` of 56, then `msg_len` and padding. */
export const messageHeaderOctets = 64;
/** Octets of a `struct iovec`. */
const vectorOctets = 16;

// Word indexes within a `struct mmsghdr`, in units of 4 octets.
const nameLengthWord = 2;
const vectorCountWord = 6;
const receivedWord = 14;

export interface MessageHeadersLayout {
  readonly count: number;
  /** `struct sockaddr_in` is 16 octets, `sockaddr_in6` 28. */
  readonly nameOctets: number;
}

/**
 * An array of `struct mmsghdr` with one `iovec` and one socket address each. Pointers are laid out once; what changes per
 * message are plain stores into the arena.
 */
export class MessageHeaders {
  readonly count: number;
  readonly nameOctets: number;
  /** Address of the first header, for `recvmmsg` and `sendmmsg`. */
  readonly address: number;
  readonly #arena: Arena;
  readonly #words: Uint32Array;
  readonly #headers: number;
  readonly #vectors: number;
  readonly #names: number;
  readonly #nameStride: number;

  constructor(arena: Arena, { count, nameOctets }: MessageHeadersLayout) {
    this.count = count;
    this.nameOctets = nameOctets;
    this.#arena = arena;
    this.#words = arena.uint32;
    this.#nameStride = Math.ceil(nameOctets / 16) * 16;
    this.#headers = arena.allocate(count * messageHeaderOctets, 64);
    this.#vectors = arena.allocate(count * vectorOctets);
    this.#names = arena.allocate(count * this.#nameStride);
    this.address = arena.address(this.#headers);
    for (let index = 0; index < count; index++) {
      const header = this.#headers + index * messageHeaderOctets;
      arena.writePointer(header, this.nameOffset(index));
      arena.writePointer(header + 16, this.#vectors + index * vectorOctets);
      this.#words[(header >>> 2) + vectorCountWord] = 1;
      this.resetNameLength(index);
    }
  }

  /** Offset in the arena of the message's socket address. */
  nameOffset(index: number): number {
    return this.#names + index * this.#nameStride;
  }

  /** The kernel overwrites the length of the source's address with every message received. */
  resetNameLength(index: number): void {
    this.#words[((this.#headers + index * messageHeaderOctets) >>> 2) + nameLengthWord] = this.nameOctets;
  }

  /** Makes the message's only vector stand for `octets` at `offset` in the arena. */
  setVector(index: number, offset: number, octets: number): void {
    const vector = this.#vectors + index * vectorOctets;
    this.#arena.writePointer(vector, offset);
    this.#words[(vector >>> 2) + 2] = octets;
  }

  /** The address of the header at `index`, for a call that begins there. */
  addressFrom(index: number): number {
    return this.address + index * messageHeaderOctets;
  }

  receivedOctets(index: number): number {
    return this.#words[((this.#headers + index * messageHeaderOctets) >>> 2) + receivedWord]!;
  }
}
