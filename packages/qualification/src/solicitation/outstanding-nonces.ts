import type { RandomSource } from '@navalis/engine';
import { nonceLength } from '@navalis/wire';

/** More than the transmissions of a phase (RFC 4380 5.2.1); those of a refresh, 1 s apart, are good for 5 s. */
const nonceCapacity = 5;

/** The nonce that was drawn last, of any phase: it leaves at once. */
const drawn = new Uint8Array(nonceLength);

/**
 * The nonces of the current phase: one per transmission, each good until the phase ends, so that a late answer to an
 * earlier transmission counts and one to an earlier phase does not. Bounded: the last five are good.
 */
export class OutstandingNonces {
  /** Exists while there are nonces: most of the time there are none. */
  #octets: Uint8Array | undefined;
  #count = 0;

  get isEmpty(): boolean {
    return this.#count === 0;
  }

  /** Draws the next nonce. The array holds it until another one is drawn. */
  draw(random: RandomSource): Uint8Array {
    this.#octets ??= new Uint8Array(nonceCapacity * nonceLength);
    random.fill(drawn);
    this.#octets.set(drawn, nonceLength * (this.#count++ % nonceCapacity));
    return drawn;
  }

  clear(): void {
    this.#count = 0;
    this.#octets = undefined;
  }

  /** Returns true if the 8 octets at `offset` are one of them, in a time that does not depend on the octets. */
  includes(bytes: Uint8Array, offset: number): boolean {
    const octets = this.#octets!;
    let found = false;
    const count = Math.min(this.#count, nonceCapacity);
    for (let index = 0; index < count; index++) {
      const nonce = nonceLength * index;
      let difference = 0;
      for (let at = 0; at < nonceLength; at++) difference |= octets[nonce + at]! ^ bytes[offset + at]!;
      if (difference === 0) found = true;
    }
    return found;
  }
}
