import { type Ipv6Value, writeIpv6, writeUint16, writeUint32 } from '@navalis/address';
import {
  destinationOffset,
  icmpv6Types,
  ipv6HeaderLength,
  maximumHopLimit,
  nextHeaders,
  sourceOffset,
} from '../constants.ts';
import { payloadLengthOf, writeHopLimit, writeIpv6Header } from '../ipv6/ipv6-header.ts';
import { icmpv6ChecksumOk, icmpv6TypeOf, writeIcmpv6Checksum } from './icmpv6.ts';

export interface EchoRequestFields {
  readonly source: Ipv6Value;
  readonly destination: Ipv6Value;
  readonly identifier: number;
  readonly sequence: number;
  readonly hopLimit: number;
  readonly data: Uint8Array;
}

/** Octets of an echo message before its data (RFC 4443 4.1). */
const fixedLength = 8;

/** From the start of the IPv6 packet to the identifier of an echo message. */
export const echoIdentifierOffset: number = ipv6HeaderLength + 4;

/** From the start of the IPv6 packet to the sequence number of an echo message. */
export const echoSequenceOffset: number = ipv6HeaderLength + 6;

/** From the start of the IPv6 packet to the data of an echo message. */
export const echoDataOffset: number = ipv6HeaderLength + fixedLength;

/** Octets of data in a message for which `isEchoReply` or `isEchoRequest` holds. */
export function echoDataLength(bytes: Uint8Array, packetOffset: number): number {
  return payloadLengthOf(bytes, packetOffset) - fixedLength;
}

/** Writes an Echo Request and returns its octets (RFC 4443 4.1). */
export function writeEchoRequest(bytes: Uint8Array, offset: number, fields: EchoRequestFields): number {
  writeIpv6Header(bytes, offset, {
    payloadLength: fixedLength + fields.data.length,
    nextHeader: nextHeaders.icmpv6,
    hopLimit: fields.hopLimit,
    source: fields.source,
    destination: fields.destination,
  });
  writeUint32(bytes, offset + ipv6HeaderLength, icmpv6Types.echoRequest << 24);
  writeUint16(bytes, offset + echoIdentifierOffset, fields.identifier);
  writeUint16(bytes, offset + echoSequenceOffset, fields.sequence);
  bytes.set(fields.data, offset + echoDataOffset);
  writeIcmpv6Checksum(bytes, offset);
  return echoDataOffset + fields.data.length;
}

/** Returns true if the packet, which must be complete in `bytes`, is an Echo Reply with a good checksum. */
export function isEchoReply(bytes: Uint8Array, packetOffset: number): boolean {
  return isEcho(bytes, packetOffset, icmpv6Types.echoReply);
}

/** Returns true if the packet, which must be complete in `bytes`, is an Echo Request with a good checksum. */
export function isEchoRequest(bytes: Uint8Array, packetOffset: number): boolean {
  return isEcho(bytes, packetOffset, icmpv6Types.echoRequest);
}

/**
 * Turns an Echo Request into its reply in place: from `source` to the requester, hop limit 255; identifier,
 * sequence number and data stay (RFC 4443 4.2).
 */
export function writeEchoReplyInPlace(bytes: Uint8Array, packetOffset: number, source: Ipv6Value): void {
  const requestSource = packetOffset + sourceOffset;
  bytes.copyWithin(packetOffset + destinationOffset, requestSource, requestSource + 16);
  writeIpv6(bytes, requestSource, source);
  writeHopLimit(bytes, packetOffset, maximumHopLimit);
  bytes[packetOffset + ipv6HeaderLength] = icmpv6Types.echoReply;
  writeIcmpv6Checksum(bytes, packetOffset);
}

function isEcho(bytes: Uint8Array, packetOffset: number, type: number): boolean {
  return (
    payloadLengthOf(bytes, packetOffset) >= fixedLength &&
    icmpv6ChecksumOk(bytes, packetOffset) &&
    icmpv6TypeOf(bytes, packetOffset) === type &&
    bytes[packetOffset + ipv6HeaderLength + 1] === 0
  );
}
