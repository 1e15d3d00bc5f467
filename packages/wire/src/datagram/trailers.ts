/** Trailer types (RFC 6081 4.2 to 4.5). */
export const trailerTypes = {
  nonce: 0x01,
  alternateAddress: 0x03,
  neighborDiscoveryOption: 0x04,
  randomPort: 0x05,
} as const;

/** An Alternate Address Trailer holds at most so many endpoints, of so many octets, after so many reserved ones (RFC 6081 4.3). */
export const mostAlternates = 4;
export const alternateEntryLength = 6;
export const alternateReservedLength = 2;

/** Octets of a trailer before its value. */
const headerLength = 2;

/**
 * Walks over the trailers after an IPv6 packet in their order (RFC 6081 4.1, 5.1.2). Total: it stops at the end or at
 * the first malformed trailer; earlier trailers stay valid. Meant to be reused.
 *
 * ```ts
 * cursor.start(bytes, layout.trailersOffset, layout.trailersLength);
 * while (cursor.next()) use(cursor.type, cursor.valueOffset, cursor.valueLength);
 * ```
 */
export class TrailerCursor {
  type = 0;
  /** Offset of the value in the memory given to `start`. */
  valueOffset = 0;
  valueLength = 0;
  /** The walk ended at octets that are no trailer. */
  isMalformed = false;
  #bytes: Uint8Array = new Uint8Array(0);
  #position = 0;
  #end = 0;

  start(bytes: Uint8Array, offset: number, length: number): void {
    this.#bytes = bytes;
    this.#position = offset;
    this.#end = offset + length;
    this.isMalformed = false;
  }

  /** Goes to the next trailer; false when there is none. */
  next(): boolean {
    const left = this.#end - this.#position;
    if (left === 0) return false;
    if (left < headerLength || left < headerLength + this.#bytes[this.#position + 1]!) {
      this.isMalformed = true;
      return false;
    }
    this.type = this.#bytes[this.#position]!;
    this.valueOffset = this.#position + headerLength;
    this.valueLength = this.#bytes[this.#position + 1]!;
    this.#position = this.valueOffset + this.valueLength;
    return true;
  }
}

/** Returns true if a trailer of this type is unknown here and demands that the packet be discarded: top bits 01. */
export function isUnknownCriticalTrailer(type: number): boolean {
  return (type & 0xc0) === 0x40;
}

/** Returns true if a well-formed trailer of an unknown critical type is among the trailers (RFC 6081 4.1, 5.1.2). */
export function hasUnknownCriticalTrailer(bytes: Uint8Array, offset: number, length: number): boolean {
  if (length === 0) return false;
  scratch.start(bytes, offset, length);
  while (scratch.next()) if (isUnknownCriticalTrailer(scratch.type)) return true;
  return false;
}

/**
 * Writes one trailer and returns its octets.
 * @throws RangeError when the value is longer than 255 octets.
 */
export function writeTrailer(bytes: Uint8Array, offset: number, type: number, value: Uint8Array): number {
  if (value.length > 255) throw new RangeError('A trailer holds at most 255 octets.');
  bytes[offset] = type;
  bytes[offset + 1] = value.length;
  bytes.set(value, offset + headerLength);
  return headerLength + value.length;
}

const scratch = new TrailerCursor();
