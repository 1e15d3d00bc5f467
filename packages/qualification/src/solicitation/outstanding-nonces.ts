import type { RandomSource } from '@navalis/engine';
import { nonceLength } from '@navalis/wire';

/** More than the transmissions of a phase (RFC 4380 5.2.1); those of a refresh, 1 s apart, are good for 5 s. */
const nonceCapacity = 5;

/**
 * The nonces of the current phase: one per transmission, each good until the phase ends, so that a late answer to an
 * earlier transmission counts and one to an earlier phase does not. Bounded: the last five are good.
 */
export class OutstandingNonces {
  readonly #nonces: readonly Uint8Array[] = Array.from({ length: nonceCapacity }, () => new Uint8Array(nonceLength));
  #count = 0;

  get isEmpty(): boolean {
    return this.#count === 0;
  }

  /** Draws the next nonce. The array stays this object's and holds the nonce until `clear`. */
  draw(random: RandomSource): Uint8Array {
    const nonce = this.#nonces[this.#count++ % nonceCapacity]!;
    random.fill(nonce);
    return nonce;
  }

  clear(): void {
    this.#count = 0;
  }

  /** Returns true if the 8 octets at `offset` are one of them, in a time that does not depend on the octets. */
  includes(bytes: Uint8Array, offset: number): boolean {
    let found = false;
    const count = Math.min(this.#count, nonceCapacity);
    for (let index = 0; index < count; index++) {
      const nonce = this.#nonces[index]!;
      let difference = 0;
      for (let octet = 0; octet < nonceLength; octet++) difference |= nonce[octet]! ^ bytes[offset + octet]!;
      if (difference === 0) found = true;
    }
    return found;
  }
}
