import { type EndpointText, endpointText, readUint16, readUint32 } from '@navalis/address';
import { discoveryTypes, isUnknownCriticalTrailer, TrailerCursor, trailerTypes } from '@navalis/wire';
import { hexText } from '../texts.ts';

/** One trailer after the IPv6 packet (RFC 6081 section 4). */
export interface TrailerExplanation {
  readonly type: number;
  readonly name: 'nonce' | 'alternate-address' | 'neighbor-discovery-option' | 'random-port' | 'unknown';
  /** In hex. */
  readonly value: string;
  /** Alternate addresses: endpoints of the sender behind its NAT. */
  readonly endpoints?: readonly EndpointText[];
  /** Random port: the port that the sender wants to be reached at. */
  readonly port?: number;
  /** Neighbor discovery option: whether the sender asks for an answer, or gives one. */
  readonly discovery?: 'solicitation' | 'advertisement' | 'unknown';
  /** The length is impossible for the type: receivers ignore the trailer. */
  readonly isMalformed?: true;
  /** A receiver that does not know the type drops the packet. */
  readonly isCritical?: true;
}

const cursor = new TrailerCursor();

/** Explains the trailers in the `length` octets at `offset`, at most 32,000 of them. */
export function explainTrailers(
  bytes: Uint8Array,
  offset: number,
  length: number,
): { readonly trailers: readonly TrailerExplanation[]; readonly remainder?: string } {
  const trailers: TrailerExplanation[] = [];
  let read = offset;
  cursor.start(bytes, offset, length);
  while (cursor.next()) {
    trailers.push(explainTrailer(bytes, cursor.type, cursor.valueOffset, cursor.valueLength));
    read = cursor.valueOffset + cursor.valueLength;
  }
  const left = offset + length - read;
  return { trailers, ...(left > 0 && { remainder: hexText(bytes, read, left) }) };
}

function explainTrailer(bytes: Uint8Array, type: number, offset: number, length: number): TrailerExplanation {
  const value = hexText(bytes, offset, length);
  switch (type) {
    case trailerTypes.nonce:
      return { type, name: 'nonce', value, ...(length !== 4 && { isMalformed: true }) };
    case trailerTypes.randomPort:
      if (length !== 2) return { type, name: 'random-port', value, isMalformed: true };
      return { type, name: 'random-port', value, port: readUint16(bytes, offset) };
    case trailerTypes.neighborDiscoveryOption:
      if (length !== 4) return { type, name: 'neighbor-discovery-option', value, isMalformed: true };
      return { type, name: 'neighbor-discovery-option', value, discovery: discoveryOf(bytes[offset]!) };
    case trailerTypes.alternateAddress:
      return { type, name: 'alternate-address', value, ...alternates(bytes, offset, length) };
    default:
      return { type, name: 'unknown', value, ...(isUnknownCriticalTrailer(type) && { isCritical: true }) };
  }
}

function discoveryOf(octet: number): NonNullable<TrailerExplanation['discovery']> {
  if (octet === discoveryTypes.solicitation) return 'solicitation';
  return octet === discoveryTypes.advertisement ? 'advertisement' : 'unknown';
}

/** Two reserved octets, and one to four endpoints of six (RFC 6081 section 4.3). */
function alternates(
  bytes: Uint8Array,
  offset: number,
  length: number,
): Pick<TrailerExplanation, 'endpoints' | 'isMalformed'> {
  const count = (length - 2) / 6;
  if (!Number.isInteger(count) || count < 1 || count > 4) return { isMalformed: true };
  const endpoints = Array.from({ length: count }, (_, index) => {
    const at = offset + 2 + 6 * index;
    return endpointText({ address: readUint32(bytes, at), port: readUint16(bytes, at + 4) });
  });
  return { endpoints };
}
