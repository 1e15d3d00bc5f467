import { writeUint16 } from '@navalis/address';
import { ipv6HeaderLength, nextHeaders } from '../constants.ts';
import { internetSum } from '../ipv6/internet-sum.ts';
import { nextHeaderOf, payloadLengthOf } from '../ipv6/ipv6-header.ts';

/** Octets from the IPv6 header to the checksum of a message that follows it directly. */
export const icmpv6ChecksumOffset: number = ipv6HeaderLength + 2;
const smallestMessage = 4;

/** Returns true if ICMPv6 follows the IPv6 header directly and at least its type, code and checksum are there. */
export function isIcmpv6(bytes: Uint8Array, packetOffset: number): boolean {
  return (
    nextHeaderOf(bytes, packetOffset) === nextHeaders.icmpv6 && payloadLengthOf(bytes, packetOffset) >= smallestMessage
  );
}

/** The type of a message for which `isIcmpv6` holds. */
export function icmpv6TypeOf(bytes: Uint8Array, packetOffset: number): number {
  return bytes[packetOffset + ipv6HeaderLength]!;
}

/**
 * Verifies the checksum over pseudo-header and message (RFC 4443 2.3). False for other protocols. The whole packet
 * must be in `bytes`.
 */
export function icmpv6ChecksumOk(bytes: Uint8Array, packetOffset: number): boolean {
  return isIcmpv6(bytes, packetOffset) && internetSum(bytes, packetOffset, nextHeaders.icmpv6) === 0xffff;
}

/** Computes and writes the checksum of a message that is complete otherwise. */
export function writeIcmpv6Checksum(bytes: Uint8Array, packetOffset: number): void {
  writeUint16(bytes, packetOffset + icmpv6ChecksumOffset, 0);
  writeUint16(
    bytes,
    packetOffset + icmpv6ChecksumOffset,
    ~internetSum(bytes, packetOffset, nextHeaders.icmpv6) & 0xffff,
  );
}
