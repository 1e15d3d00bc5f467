import { readUint16, readUint32, writeUint16 } from '@navalis/address';
import type { PacketRun } from '@navalis/engine';
import {
  checksumOf,
  ipv6AddressesOctets,
  ipv6HeaderLength,
  ipv6NextHeaderOffset,
  ipv6PayloadLengthOffset,
  ipv6SourceOffset,
  tcp,
  tcpFlags,
  tcpProtocol,
  transportChecksumOffset,
  transportHeaderLength,
  udp,
} from '@navalis/wire';
import type { Allocator, Arena } from '../kernel/arena.ts';
import { vectorOctets, writeVector } from '../kernel/message-headers.ts';
import type { PacketLoops } from '../packet-loops/packet-loops.ts';

/** Packets in one group at most: what the kernel takes for UDP (UDP_MAX_SEGMENTS of kernels before 6.9). */
export const maximumGroupPackets = 64;
/** The payload length of IPv6 has 16 bits. */
const maximumUpperOctets = 65_535;

/**
 * Joins consecutive packets of one TCP or UDP flow into a super-segment, where each lies in the arena. A packet joins
 * when its headers say the same as the group's, it follows on the packet before, and both its own and the group's first
 * checksum are right: what is joined gets one new checksum, which must not cover up damage.
 *
 * At most `maximumGroupPackets` packets of 65,535 octets of transport header and payload.
 */
export class Coalescer {
  /** Packets in the group; 0 when there is none. */
  count = 0;
  /** Next header of the group: TCP or UDP. */
  protocol = 0;
  /** Octets of IPv6 and transport header. */
  headerLength = 0;
  /** Octets of payload in every packet but the last. */
  segmentOctets = 0;
  /** Octets of payload of all packets. */
  totalPayload = 0;
  /**
   * Offset of an array of `struct iovec`: one for the caller to put in front, the first packet, the payloads of the others.
   */
  readonly vectors: number;
  readonly #arena: Arena;
  readonly #loops: PacketLoops;
  readonly #joinsUdp: boolean;
  #first = 0;
  #last = 0;
  #sequence = 0;
  #isOpen = false;
  #firstIsVerified = false;

  /** `joinsUdp`: whether the kernel takes super-segments of UDP. */
  constructor(arena: Arena, loops: PacketLoops, joinsUdp: boolean, room: Allocator = arena) {
    this.#arena = arena;
    this.#loops = loops;
    this.#joinsUdp = joinsUdp;
    this.vectors = room.allocate((maximumGroupPackets + 1) * vectorOctets);
  }

  /** Offset in the arena of the group's packet at `index`. */
  packetOffset(index: number): number {
    return this.#arena.readPointer(this.#vector(index)) - (index === 0 ? 0 : this.headerLength);
  }

  /** Octets of the group's packet at `index`. */
  packetLength(index: number): number {
    return this.#arena.uint32[(this.#vector(index) >>> 2) + 2]! + (index === 0 ? 0 : this.headerLength);
  }

  /**
   * Adds packets of a run to the group, from the one at index `from` on, as far as they can join. The run begins at `offset` in
   * the arena. Returns how many joined.
   */
  join(run: PacketRun, offset: number, from: number): number {
    if (!this.#isOpen) return 0;
    const { headerStride: stride, packetLength, lastPacketLength } = run;
    const room = maximumGroupPackets - this.count;
    const count = run.count - from;
    const first = offset + from * stride;
    const joined = this.#loops.joiningPackets(
      this.#first,
      this.headerLength,
      this.segmentOctets,
      (this.#sequence + this.totalPayload) >>> 0,
      this.#firstIsVerified,
      maximumUpperOctets - (this.headerLength - ipv6HeaderLength) - this.totalPayload,
      first,
      stride,
      packetLength,
      count <= room ? lastPacketLength : packetLength,
      Math.min(count, room),
      this.#vector(this.count),
      this.#arena.base,
    );
    if (joined === 0) return 0;
    this.#firstIsVerified = true;
    this.#last = first + (joined - 1) * stride;
    const lastPayload = (joined === count ? lastPacketLength : packetLength) - this.headerLength;
    this.totalPayload += (joined - 1) * (packetLength - this.headerLength) + lastPayload;
    this.count += joined;
    if (lastPayload < this.segmentOctets || this.#closes(this.#last)) this.#isOpen = false;
    return joined;
  }

  /** Begins a group with a packet in the arena, in place of the one before; false when nothing could ever join it. */
  begin(offset: number, length: number): boolean {
    this.count = 0;
    this.#isOpen = false;
    const { bytes } = this.#arena;
    const headerLength = transportHeaderLength(bytes, offset, length);
    if (headerLength === 0 || headerLength === length) return false;
    if (readUint16(bytes, offset + ipv6PayloadLengthOffset) !== length - ipv6HeaderLength) return false;
    const protocol = bytes[offset + ipv6NextHeaderOffset]!;
    const transport = offset + ipv6HeaderLength;
    if (protocol === tcpProtocol) {
      // Flags other than ACK have a meaning of their own, and PSH ends what belongs together.
      if (bytes[transport + tcp.flags] !== tcpFlags.acknowledge) return false;
    } else if (!this.#joinsUdp || !isWholeUdp(bytes, transport, length)) return false;
    this.protocol = protocol;
    this.headerLength = headerLength;
    this.segmentOctets = length - headerLength;
    this.totalPayload = this.segmentOctets;
    this.#sequence = protocol === tcpProtocol ? readUint32(bytes, transport + tcp.sequence) : 0;
    this.#firstIsVerified = false;
    this.#isOpen = true;
    this.#first = offset;
    this.#last = offset;
    this.count = 1;
    writeVector(this.#arena, this.#vector(0), offset, length);
    return true;
  }

  /**
   * Turns the first packet's header into the super-segment's: lengths of all, PSH of the last, and as checksum the sum of
   * the pseudo-header, for the kernel to complete. `splitFirstHeader` undoes it.
   */
  joinFirstHeader(): void {
    const first = this.#first;
    this.#writeFirstHeader(this.totalPayload, this.#arena.bytes[this.#last + ipv6HeaderLength + tcp.flags]!);
    const upperOctets = this.headerLength - ipv6HeaderLength + this.totalPayload;
    const sum = this.#loops.sum(first + ipv6SourceOffset, ipv6AddressesOctets, upperOctets + this.protocol);
    writeUint16(this.#arena.bytes, first + transportChecksumOffset(this.protocol), sum);
  }

  /** Makes the first packet again what it was, when the kernel did not take the super-segment. */
  splitFirstHeader(): void {
    this.#writeFirstHeader(this.segmentOctets, tcpFlags.acknowledge);
    const first = this.#first;
    const field = first + transportChecksumOffset(this.protocol);
    const upperOctets = this.headerLength - ipv6HeaderLength + this.segmentOctets;
    writeUint16(this.#arena.bytes, field, 0);
    const sum = this.#loops.sum(
      first + ipv6SourceOffset,
      ipv6AddressesOctets + upperOctets,
      upperOctets + this.protocol,
    );
    writeUint16(this.#arena.bytes, field, checksumOf(sum, this.protocol));
  }

  clear(): void {
    this.count = 0;
    this.#isOpen = false;
  }

  #writeFirstHeader(payloadOctets: number, flags: number): void {
    const { bytes } = this.#arena;
    const first = this.#first;
    const transport = first + ipv6HeaderLength;
    const upperOctets = this.headerLength - ipv6HeaderLength + payloadOctets;
    writeUint16(bytes, first + ipv6PayloadLengthOffset, upperOctets);
    if (this.protocol === tcpProtocol) bytes[transport + tcp.flags] = flags;
    else writeUint16(bytes, transport + udp.length, upperOctets);
  }

  #closes(offset: number): boolean {
    if (this.protocol !== tcpProtocol) return false;
    return this.#arena.bytes[offset + ipv6HeaderLength + tcp.flags] !== tcpFlags.acknowledge;
  }

  #vector(index: number): number {
    return this.vectors + (index + 1) * vectorOctets;
  }
}

/** Returns true if a UDP header has the packet's length and a checksum: without one nothing could be verified. */
function isWholeUdp(bytes: Uint8Array, transport: number, length: number): boolean {
  return (
    readUint16(bytes, transport + udp.length) === length - ipv6HeaderLength &&
    readUint16(bytes, transport + udp.checksum) !== 0
  );
}
