import { ipv6HeaderLength, tcpProtocol, transportChecksumOffset } from '@navalis/wire';
import type { Arena } from '../kernel/arena.ts';

/** Octets of a `struct virtio_net_hdr`, which stands before each packet of a tunnel interface with `IFF_VNET_HDR`. */
export const virtioNetHeaderOctets = 10;

/** Work that the receiver still has to do with a packet (virtio 1.2, section 5.1.6). */
export const virtioNetFlags = { needsChecksum: 1 } as const;
export const segmentationTypes = { none: 0, tcpIpv6: 4, udp: 5 } as const;
/** Set besides the type when a segment carries CWR. */
const congestionNotificationBit = 0x80;

// Its fields are in the machine's order, little-endian here. The header lies at no even word, so octet by octet.
const typeOffset = 1;
const headerLengthOffset = 2;
const segmentOctetsOffset = 4;
const checksumStartOffset = 6;
const checksumFieldOffset = 8;

/** Reads the fields of a `struct virtio_net_hdr` in the arena. */
export class VirtioNetHeader {
  flags = 0;
  type = 0;
  segmentOctets = 0;
  checksumStart = 0;
  checksumField = 0;

  read({ bytes }: Arena, at: number): void {
    this.flags = bytes[at]!;
    this.type = bytes[at + typeOffset]! & ~congestionNotificationBit;
    this.segmentOctets = readLittleEndian(bytes, at + segmentOctetsOffset);
    this.checksumStart = readLittleEndian(bytes, at + checksumStartOffset);
    this.checksumField = readLittleEndian(bytes, at + checksumFieldOffset);
  }
}

/** The description of a super-segment in its header. */
export interface SuperSegmentShape {
  /** TCP or UDP. */
  readonly protocol: number;
  /** Octets of IPv6 and transport header. */
  readonly headerLength: number;
  /** Octets of payload in every packet but the last. */
  readonly segmentOctets: number;
}

/** Writes the header of a super-segment whose transport checksum is yet to be completed. */
export function writeSuperSegmentHeader({ bytes }: Arena, at: number, shape: SuperSegmentShape): void {
  const { protocol } = shape;
  bytes[at] = virtioNetFlags.needsChecksum;
  bytes[at + typeOffset] = protocol === tcpProtocol ? segmentationTypes.tcpIpv6 : segmentationTypes.udp;
  writeLittleEndian(bytes, at + headerLengthOffset, shape.headerLength);
  writeLittleEndian(bytes, at + segmentOctetsOffset, shape.segmentOctets);
  writeLittleEndian(bytes, at + checksumStartOffset, ipv6HeaderLength);
  writeLittleEndian(bytes, at + checksumFieldOffset, transportChecksumOffset(protocol) - ipv6HeaderLength);
}

function readLittleEndian(bytes: Uint8Array, at: number): number {
  return bytes[at]! | (bytes[at + 1]! << 8);
}

function writeLittleEndian(bytes: Uint8Array, at: number, value: number): void {
  bytes[at] = value;
  bytes[at + 1] = value >>> 8;
}
