import { type Ipv4Endpoint, writeUint16, writeUint32 } from '@navalis/address';
import { isAlternateEndpoint } from './bubble-trailers.ts';
import { alternateEntryLength, alternateReservedLength, mostAlternates, trailerTypes } from './trailers.ts';

/** Octets of the trailers of one bubble at most: nonce, random port, four alternate addresses, neighbor discovery option. */
export const maximumTrailersLength: number = 6 + 4 + (4 + mostAlternates * alternateEntryLength) + 6;

/** Writes a Nonce Trailer and returns its 6 octets (RFC 6081 4.2). */
export function writeNonceTrailer(bytes: Uint8Array, offset: number, nonce: number): number {
  bytes[offset] = trailerTypes.nonce;
  bytes[offset + 1] = 4;
  writeUint32(bytes, offset + 2, nonce);
  return 6;
}

/** Writes a Random Port Trailer and returns its 4 octets (RFC 6081 4.5). */
export function writeRandomPortTrailer(bytes: Uint8Array, offset: number, port: number): number {
  bytes[offset] = trailerTypes.randomPort;
  bytes[offset + 1] = 2;
  writeUint16(bytes, offset + 2, port);
  return 4;
}

/**
 * Writes an Alternate Address Trailer and returns its octets, 4 and 6 for each endpoint (RFC 6081 4.3).
 * @throws RangeError unless there are one to four endpoints, with unicast addresses and ports other than 0.
 */
export function writeAlternateAddressTrailer(
  bytes: Uint8Array,
  offset: number,
  endpoints: readonly Ipv4Endpoint[],
): number {
  const isPossible = endpoints.every(({ address, port }) => isAlternateEndpoint(address, port));
  if (endpoints.length === 0 || endpoints.length > mostAlternates || !isPossible) {
    throw new RangeError('An Alternate Address Trailer holds one to four unicast endpoints.');
  }
  bytes[offset] = trailerTypes.alternateAddress;
  bytes[offset + 1] = alternateReservedLength + endpoints.length * alternateEntryLength;
  writeUint16(bytes, offset + 2, 0);
  let position = offset + 4;
  for (const { address, port } of endpoints) {
    writeUint32(bytes, position, address);
    writeUint16(bytes, position + 4, port);
    position += alternateEntryLength;
  }
  return position - offset;
}

/** Writes a Neighbor Discovery Option Trailer with one of the `discoveryTypes`, and returns its 6 octets (RFC 6081 4.4). */
export function writeDiscoveryTrailer(bytes: Uint8Array, offset: number, discoveryType: number): number {
  bytes[offset] = trailerTypes.neighborDiscoveryOption;
  bytes[offset + 1] = 4;
  writeUint32(bytes, offset + 2, discoveryType << 24);
  return 6;
}
