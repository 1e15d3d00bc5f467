import { type Ipv4Value, readUint16, readUint32 } from '@navalis/address';
import {
  alternateEntryLength,
  alternateReservedLength,
  mostAlternates,
  TrailerCursor,
  trailerTypes,
} from './trailers.ts';

/** The values of DiscoveryType in a Neighbor Discovery Option Trailer (RFC 6081 4.4). */
export const discoveryTypes = { solicitation: 0x00, advertisement: 0x01 } as const;

/** Stands for a bubble without a Neighbor Discovery Option Trailer. */
export const noDiscovery = -1;

const firstMulticast = 0xe0000000;

/**
 * The known trailers of one bubble (RFC 6081 4.2 to 4.5). The first of each type counts, and one of an impossible length is
 * ignored. Filled by `read` and meant to be reused.
 */
export class BubbleTrailers {
  /** 0 without a Nonce Trailer; a nonce of 0 means none. */
  nonce = 0;
  /** 0 without a Random Port Trailer; a port of 0 means none. */
  randomPort = 0;
  /** One of the `discoveryTypes`, another octet, or `noDiscovery`. */
  discoveryType: number = noDiscovery;
  /** True if the Alternate Address Trailer has an impossible length, address or port; `alternateCount` is 0 then. */
  hasBadAlternates = false;
  /** Endpoints in the Alternate Address Trailer, 0 to 4. */
  alternateCount = 0;
  readonly #cursor: TrailerCursor = new TrailerCursor();
  #bytes: Uint8Array = new Uint8Array(0);
  #entries = 0;
  /** A bit for each known type that was taken. */
  #seen = 0;

  /** Reads the trailers in the `length` octets at `offset`. The endpoints are read in place: valid while the octets are. */
  read(bytes: Uint8Array, offset: number, length: number): void {
    this.clear();
    this.#bytes = bytes;
    const cursor = this.#cursor;
    cursor.start(bytes, offset, length);
    while (cursor.next()) this.#take(cursor.type, cursor.valueOffset, cursor.valueLength);
  }

  /** Back to a bubble without trailers. */
  clear(): void {
    this.nonce = 0;
    this.randomPort = 0;
    this.discoveryType = noDiscovery;
    this.hasBadAlternates = false;
    this.alternateCount = 0;
    this.#seen = 0;
  }

  /** Returns the address of the endpoint with this index, from 0 to `alternateCount` - 1. */
  alternateAddress(index: number): Ipv4Value {
    return readUint32(this.#bytes, this.#entries + index * alternateEntryLength);
  }

  /** Returns the port of the endpoint with this index. */
  alternatePort(index: number): number {
    return readUint16(this.#bytes, this.#entries + index * alternateEntryLength + 4);
  }

  #take(type: number, offset: number, length: number): void {
    switch (type) {
      case trailerTypes.nonce:
        if (length === 4 && this.#isFirst(type)) this.nonce = readUint32(this.#bytes, offset);
        break;
      case trailerTypes.randomPort:
        if (length === 2 && this.#isFirst(type)) this.randomPort = readUint16(this.#bytes, offset);
        break;
      case trailerTypes.neighborDiscoveryOption:
        if (length === 4 && this.#isFirst(type)) this.discoveryType = this.#bytes[offset]!;
        break;
      case trailerTypes.alternateAddress:
        if (this.#isFirst(type)) this.#takeAlternates(offset, length);
        break;
    }
  }

  /** Returns true once for each of the known types, which are below 32. */
  #isFirst(type: number): boolean {
    const bit = 1 << type;
    const isFirst = (this.#seen & bit) === 0;
    this.#seen |= bit;
    return isFirst;
  }

  #takeAlternates(offset: number, length: number): void {
    this.#entries = offset + alternateReservedLength;
    const count = (length - alternateReservedLength) / alternateEntryLength;
    let isWellFormed = Number.isInteger(count) && count >= 1 && count <= mostAlternates;
    for (let index = 0; isWellFormed && index < count; index++) {
      isWellFormed = isAlternateEndpoint(this.alternateAddress(index), this.alternatePort(index));
    }
    this.hasBadAlternates = !isWellFormed;
    this.alternateCount = isWellFormed ? count : 0;
  }
}

/** Returns true if an Alternate Address Trailer may hold this endpoint: a unicast address, and a port other than 0. */
export function isAlternateEndpoint(address: Ipv4Value, port: number): boolean {
  return port !== 0 && address !== 0 && address < firstMulticast;
}
