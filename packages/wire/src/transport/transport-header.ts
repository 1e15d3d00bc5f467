import { ipv6HeaderLength } from '../constants.ts';

export const ipv6PayloadLengthOffset = 4;
export const ipv6NextHeaderOffset = 6;
export const ipv6SourceOffset = 8;
/** Octets of source and destination together. */
export const ipv6AddressesOctets = 32;

export const tcpProtocol = 6;
export const udpProtocol = 17;

/** Offsets of fields in a TCP header (RFC 9293 section 3.1). */
export const tcp = { sequence: 4, dataOffset: 12, flags: 13, checksum: 16, minimumOctets: 20 } as const;
export const tcpFlags = { fin: 0x01, push: 0x08, acknowledge: 0x10, congestionWindowReduced: 0x80 } as const;
/** Offsets of fields in a UDP header (RFC 768). */
export const udp = { length: 4, checksum: 6, octets: 8 } as const;

/** Room for any header that is cut off or joined: IPv6, TCP with all its options, and a multiple of 16. */
export const maximumHeaderOctets = 112;

/**
 * Octets of the IPv6 and transport header of the packet at `offset` when its transport is TCP or UDP, directly behind
 * the IPv6 header, and whole within `length` octets; else 0. Packets with extension headers are neither cut nor joined.
 */
export function transportHeaderLength(bytes: Uint8Array, offset: number, length: number): number {
  const transport = offset + ipv6HeaderLength;
  let octets = 0;
  switch (length > ipv6HeaderLength ? bytes[offset + ipv6NextHeaderOffset] : undefined) {
    case tcpProtocol:
      octets = ipv6HeaderLength + (bytes[transport + tcp.dataOffset]! >>> 4) * 4;
      if (octets < ipv6HeaderLength + tcp.minimumOctets) return 0;
      break;
    case udpProtocol:
      octets = ipv6HeaderLength + udp.octets;
      break;
    default:
      return 0;
  }
  return octets <= length ? octets : 0;
}

/** Returns the offset of the transport's checksum from the beginning of the packet. */
export function transportChecksumOffset(protocol: number): number {
  return ipv6HeaderLength + (protocol === tcpProtocol ? tcp.checksum : udp.checksum);
}

/** Returns the checksum on the wire for a sum: its complement, which for UDP is never 0 (RFC 8200 section 8.1). */
export function checksumOf(sum: number, protocol: number): number {
  const checksum = ~sum & 0xffff;
  return checksum === 0 && protocol === udpProtocol ? 0xffff : checksum;
}
