import { type Ipv6Value, readUint16, writeIpv6, writeUint16, writeUint32 } from '@navalis/address';
import { destinationOffset, ipv6HeaderLength, nextHeaders, sourceOffset } from '../constants.ts';

export interface Ipv6HeaderFields {
  readonly payloadLength: number;
  readonly nextHeader: number;
  readonly hopLimit: number;
  readonly source: Ipv6Value;
  readonly destination: Ipv6Value;
}

/** Octets after the fixed header. */
export function payloadLengthOf(bytes: Uint8Array, packetOffset: number): number {
  return readUint16(bytes, packetOffset + 4);
}

export function nextHeaderOf(bytes: Uint8Array, packetOffset: number): number {
  return bytes[packetOffset + 6]!;
}

export function hopLimitOf(bytes: Uint8Array, packetOffset: number): number {
  return bytes[packetOffset + 7]!;
}

export function writeHopLimit(bytes: Uint8Array, packetOffset: number, hopLimit: number): void {
  bytes[packetOffset + 7] = hopLimit;
}

/** Writes the 40 octets of a header with traffic class 0 and flow label 0. */
export function writeIpv6Header(bytes: Uint8Array, offset: number, fields: Ipv6HeaderFields): void {
  writeUint32(bytes, offset, 0x60000000);
  writeUint16(bytes, offset + 4, fields.payloadLength);
  bytes[offset + 6] = fields.nextHeader;
  bytes[offset + 7] = fields.hopLimit;
  writeIpv6(bytes, offset + sourceOffset, fields.source);
  writeIpv6(bytes, offset + destinationOffset, fields.destination);
}

/** Next Header 59 and nothing after the header (RFC 4380 2.8). */
export function isBubble(bytes: Uint8Array, packetOffset: number): boolean {
  return nextHeaderOf(bytes, packetOffset) === nextHeaders.none && payloadLengthOf(bytes, packetOffset) === 0;
}

/**
 * Returns true if the host passed exactly one IPv6 packet. Exactly, because octets after a packet would leave as trailers
 * (RFC 6081 4.1).
 */
export function isWellFormedPacket(bytes: Uint8Array, offset: number, length: number): boolean {
  return (
    length >= ipv6HeaderLength &&
    bytes[offset]! >>> 4 === 6 &&
    ipv6HeaderLength + payloadLengthOf(bytes, offset) === length
  );
}
