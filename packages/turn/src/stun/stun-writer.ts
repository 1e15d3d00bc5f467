import { type Ipv4Value, writeUint16, writeUint32 } from '@navalis/address';
import { utf8ToBytes } from '@noble/hashes/utils.js';
import {
  attributeHeaderOctets,
  fingerprintMask,
  ipv4Family,
  magicCookie,
  sha1Octets,
  sha256Octets,
  stunAttributes,
  stunHeaderOctets,
} from './constants.ts';
import { crc32 } from './crc32.ts';
import { type IntegrityHash, integrityValue } from './long-term-credentials.ts';

/** Writes one STUN message after the other into one piece of memory (RFC 8489 section 5). */
export class StunWriter {
  readonly bytes: Uint8Array;
  #length = 0;

  /** `octets` is the longest message. */
  constructor(octets: number) {
    this.bytes = new Uint8Array(octets);
  }

  /** Octets of the message so far. */
  get length(): number {
    return this.#length;
  }

  /** Begins a message; `transactionId` has 12 octets. */
  begin(method: number, messageClass: number, transactionId: Uint8Array): this {
    const methodBits = (method & 0x0f) | ((method & 0x70) << 1) | ((method & 0xf80) << 2);
    writeUint16(this.bytes, 0, methodBits | ((messageClass & 1) << 4) | ((messageClass & 2) << 7));
    writeUint32(this.bytes, 4, magicCookie);
    this.bytes.set(transactionId, 8);
    this.#end(stunHeaderOctets);
    return this;
  }

  /** Adds an attribute with this value. @throws RangeError when it does not fit. */
  value(type: number, value: Uint8Array): this {
    const at = this.#attribute(type, value.length);
    this.bytes.set(value, at);
    return this;
  }

  word(type: number, word: number): this {
    writeUint32(this.bytes, this.#attribute(type, 4), word);
    return this;
  }

  /** Adds an endpoint of IPv4, combined with the cookie. */
  xorEndpoint(type: number, address: Ipv4Value, port: number): this {
    return this.#endpoint(type, address ^ magicCookie, port ^ (magicCookie >>> 16));
  }

  /** Adds an endpoint of IPv4 as it is. */
  endpoint(type: number, address: Ipv4Value, port: number): this {
    return this.#endpoint(type, address, port);
  }

  error(code: number, reason: string): this {
    const text = utf8ToBytes(reason);
    const at = this.#attribute(stunAttributes.errorCode, 4 + text.length);
    writeUint32(this.bytes, at, (Math.floor(code / 100) << 8) | (code % 100));
    this.bytes.set(text, at + 4);
    return this;
  }

  /** Adds an attribute whose value the caller writes; returns its offset. */
  room(type: number, octets: number): number {
    return this.#attribute(type, octets);
  }

  /** Adds the authentication value over all that was written. */
  integrity(key: Uint8Array, hash: IntegrityHash): this {
    const [type, octets] =
      hash === 'sha-1'
        ? [stunAttributes.messageIntegrity, sha1Octets]
        : [stunAttributes.messageIntegritySha256, sha256Octets];
    const attribute = this.#length;
    const value = integrityValue(this.bytes, { offset: 0, attribute }, key, { hash, octets });
    return this.value(type, value);
  }

  /** Adds the checksum over all that was written; nothing may follow. */
  fingerprint(): this {
    const end = this.#length;
    const at = this.#attribute(stunAttributes.fingerprint, 4);
    writeUint32(this.bytes, at, crc32(this.bytes, 0, end) ^ fingerprintMask);
    return this;
  }

  #endpoint(type: number, address: number, port: number): this {
    const at = this.#attribute(type, 8);
    this.bytes[at] = 0;
    this.bytes[at + 1] = ipv4Family;
    writeUint16(this.bytes, at + 2, port);
    writeUint32(this.bytes, at + 4, address);
    return this;
  }

  /** Adds a header and zeros for padding; returns the offset of the value. */
  #attribute(type: number, octets: number): number {
    const at = this.#length;
    const end = at + attributeHeaderOctets + ((octets + 3) & ~3);
    if (end > this.bytes.length) throw new RangeError('The message does not fit.');
    writeUint16(this.bytes, at, type);
    writeUint16(this.bytes, at + 2, octets);
    for (let index = at + attributeHeaderOctets + octets; index < end; index++) this.bytes[index] = 0;
    this.#end(end);
    return at + attributeHeaderOctets;
  }

  #end(end: number): void {
    this.#length = end;
    writeUint16(this.bytes, 2, end - stunHeaderOctets);
  }
}
