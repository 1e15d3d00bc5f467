import { hmac } from '@noble/hashes/hmac.js';
import { sha1 } from '@noble/hashes/legacy.js';
import { sha256 } from '@noble/hashes/sha2.js';
import { nonceLength } from '../constants.ts';
import type { DatagramLayout } from './datagram-layout.ts';

/** HMAC-SHA1 is the default of RFC 4380 5.2.2; the other is for clients and servers that agree on it (DD-01). */
export type AuthenticationAlgorithm = 'hmac-sha1' | 'hmac-sha256';

/** The credentials that a client and its server share. */
export interface SecureCredentials {
  /** 1 to 255 octets. */
  readonly clientIdentifier: Uint8Array;
  readonly secret: Uint8Array;
  readonly algorithm: AuthenticationAlgorithm;
}

/**
 * Makes and checks the authentication values of one secret (RFC 4380 5.2.2). They cover one contiguous block: nonce,
 * confirmation, origin indication if there is one, IPv6 packet; not the client identifier, the lengths, or trailers.
 */
export class MessageAuthenticator {
  readonly clientIdentifier: Uint8Array;
  /** Octets of an authentication value, never truncated. */
  readonly valueLength: number;
  /** Holds the secret; what follows is computed in `#work`, so that no message needs a new key schedule. */
  readonly #keyed: ReturnType<typeof hmac.create>;
  readonly #work: ReturnType<typeof hmac.create>;
  readonly #value: Uint8Array;

  /** @throws RangeError when the client identifier has an impossible length. */
  constructor({ clientIdentifier, secret, algorithm }: SecureCredentials) {
    if (clientIdentifier.length === 0 || clientIdentifier.length > 255) {
      throw new RangeError('A client identifier has 1 to 255 octets.');
    }
    this.clientIdentifier = clientIdentifier;
    const hash = algorithm === 'hmac-sha1' ? sha1 : sha256;
    this.#keyed = hmac.create(hash, secret);
    this.#work = hmac.create(hash, secret);
    this.valueLength = this.#keyed.outputLen;
    this.#value = new Uint8Array(this.valueLength);
  }

  /** Octets of the whole Authentication. */
  get length(): number {
    return 4 + this.clientIdentifier.length + this.valueLength + nonceLength + 1;
  }

  /** Writes all but the authentication value, which covers later elements, and returns the octets. */
  begin(bytes: Uint8Array, offset: number, nonce: Uint8Array, confirmation: number): number {
    bytes[offset] = 0;
    bytes[offset + 1] = 1;
    bytes[offset + 2] = this.clientIdentifier.length;
    bytes[offset + 3] = this.valueLength;
    bytes.set(this.clientIdentifier, offset + 4);
    const nonceOffset = offset + 4 + this.clientIdentifier.length + this.valueLength;
    bytes.set(nonce, nonceOffset);
    bytes[nonceOffset + nonceLength] = confirmation;
    return this.length;
  }

  /** Writes the authentication value of the Authentication that `begin` wrote at `offset`; the IPv6 packet ends at `end`. */
  finish(bytes: Uint8Array, offset: number, end: number): void {
    const valueOffset = offset + 4 + this.clientIdentifier.length;
    this.#compute(bytes, valueOffset + this.valueLength, end);
    bytes.set(this.#value, valueOffset);
  }

  /** Returns true if the datagram's Authentication carries this client identifier and the right value; in constant time. */
  verify(bytes: Uint8Array, layout: DatagramLayout): boolean {
    if (layout.authenticationOffset < 0 || layout.authenticationValueLength !== this.valueLength) return false;
    if (!this.isFor(bytes, layout.clientIdentifierOffset, layout.clientIdentifierLength)) return false;
    this.#compute(bytes, layout.nonceOffset, layout.packetOffset + layout.packetLength);
    let difference = 0;
    for (let i = 0; i < this.valueLength; i++) {
      difference |= this.#value[i]! ^ bytes[layout.authenticationValueOffset + i]!;
    }
    return difference === 0;
  }

  /** Returns true if the octets are this client identifier, which is not secret. */
  isFor(bytes: Uint8Array, offset: number, length: number): boolean {
    if (length !== this.clientIdentifier.length) return false;
    for (let i = 0; i < length; i++) {
      if (bytes[offset + i] !== this.clientIdentifier[i]) return false;
    }
    return true;
  }

  #compute(bytes: Uint8Array, from: number, end: number): void {
    this.#keyed._cloneInto(this.#work);
    this.#work.update(bytes.subarray(from, end));
    this.#work.digestInto(this.#value);
  }
}
