import { classifyIpv6, type Ipv6Value, writeUint32 } from '@navalis/address';
import { icmpv6Types, ipv6HeaderLength, maximumErrorLength, maximumHopLimit, nextHeaders } from '../constants.ts';
import { ExtensionHeaders } from '../ipv6/extension-headers.ts';
import { InnerHeader } from '../ipv6/inner-header.ts';
import { writeIpv6Header } from '../ipv6/ipv6-header.ts';
import { writeIcmpv6Checksum } from './icmpv6.ts';

export interface Icmpv6ErrorFields {
  /** An error type, below 128. */
  readonly type: number;
  readonly code: number;
  /** The second word of the message: the MTU in a Packet Too Big, else 0. */
  readonly parameter: number;
  readonly source: Ipv6Value;
  readonly destination: Ipv6Value;
  /** The memory of the packet that caused the error; may be the memory that is written to, if the two do not overlap. */
  readonly cause: Uint8Array;
  readonly causeOffset: number;
  readonly causeLength: number;
}

/** Octets of an error message before the packet that caused it (RFC 4443 3). */
const fixedLength = 8;

/** Writes an ICMPv6 error and returns its octets; the cause is cut so that they are at most 1280 (RFC 4443 2.4 c). */
export function writeIcmpv6Error(bytes: Uint8Array, offset: number, fields: Icmpv6ErrorFields): number {
  const quoted = Math.min(fields.causeLength, maximumErrorLength - ipv6HeaderLength - fixedLength);
  const message = offset + ipv6HeaderLength;
  for (let index = 0; index < quoted; index++) {
    bytes[message + fixedLength + index] = fields.cause[fields.causeOffset + index]!;
  }
  writeIpv6Header(bytes, offset, {
    payloadLength: fixedLength + quoted,
    nextHeader: nextHeaders.icmpv6,
    hopLimit: maximumHopLimit,
    source: fields.source,
    destination: fields.destination,
  });
  writeUint32(bytes, message, (fields.type << 24) | (fields.code << 16));
  writeUint32(bytes, message + 4, fields.parameter);
  writeIcmpv6Checksum(bytes, offset);
  return ipv6HeaderLength + fixedLength + quoted;
}

/**
 * Returns true if a packet may be answered by an ICMPv6 error (RFC 4443 2.4 e): it is no ICMPv6 error or redirect itself, its
 * source names one node, and its destination is not multicast. A later fragment of ICMPv6 is refused, too, because its
 * type cannot be seen.
 */
export function icmpv6ErrorAllowed(bytes: Uint8Array, packetOffset: number, length: number): boolean {
  if (length < ipv6HeaderLength) return false;
  addresses.readSource(bytes, packetOffset);
  const source = classifyIpv6(addresses.source);
  if (source === 'multicast' || source === 'unspecified') return false;
  addresses.readDestination(bytes, packetOffset);
  if (classifyIpv6(addresses.destination) === 'multicast') return false;
  scratch.read(bytes, packetOffset, length);
  if (scratch.upperLayer !== nextHeaders.icmpv6) return true;
  if (scratch.isLaterFragment || scratch.upperLayerOffset >= packetOffset + length) return false;
  const type = bytes[scratch.upperLayerOffset]!;
  return type >= icmpv6Types.echoRequest && type !== icmpv6Types.redirect;
}

const scratch = new ExtensionHeaders();
const addresses = new InnerHeader();
