import { readUint16, readUint32, writeUint16 } from '@navalis/address';
import {
  checksumOf,
  ipv6AddressesOctets,
  ipv6HeaderOctets,
  ipv6NextHeaderOffset,
  ipv6PayloadLengthOffset,
  ipv6SourceOffset,
  tcp,
  tcpFlags,
  tcpProtocol,
  transportChecksumOffset,
  transportHeaderLength,
  udp,
  udpProtocol,
} from '@navalis/wire';
import type { InternetChecksum } from '../checksum/internet-checksum.ts';
import type { Arena } from '../kernel/arena.ts';

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
  readonly #arena: Arena;
  readonly #checksum: InternetChecksum;
  readonly #joinsUdp: boolean;
  readonly #offsets: Uint32Array = new Uint32Array(maximumGroupPackets);
  readonly #payloadOctets: Uint16Array = new Uint16Array(maximumGroupPackets);
  #totalPayload = 0;
  #nextSequence = 0;
  #isOpen = false;
  #firstIsVerified = false;

  /** `joinsUdp`: whether the kernel takes super-segments of UDP. */
  constructor(arena: Arena, checksum: InternetChecksum, joinsUdp: boolean) {
    this.#arena = arena;
    this.#checksum = checksum;
    this.#joinsUdp = joinsUdp;
  }

  /** Offset in the arena of the group's packet at `index`. */
  packetOffset(index: number): number {
    return this.#offsets[index]!;
  }

  /** Octets of payload of the group's packet at `index`. */
  payloadLength(index: number): number {
    return this.#payloadOctets[index]!;
  }

  /** Adds a packet in the arena to the group; false when it cannot join. */
  join(offset: number, length: number): boolean {
    if (!this.#isOpen || this.count === maximumGroupPackets) return false;
    const payload = length - this.headerLength;
    if (payload <= 0 || payload > this.segmentOctets) return false;
    if (this.headerLength - ipv6HeaderOctets + this.#totalPayload + payload > maximumUpperOctets) return false;
    if (!this.#continues(offset, length)) return false;
    if (!this.#firstIsVerified) {
      const first = this.#offsets[0]!;
      if (!this.#isVerified(first, this.headerLength + this.segmentOctets)) {
        this.#isOpen = false;
        return false;
      }
      this.#firstIsVerified = true;
    }
    if (!this.#isVerified(offset, length)) return false;
    this.#add(offset, payload);
    if (payload < this.segmentOctets || this.#closes(offset)) this.#isOpen = false;
    return true;
  }

  /** Begins a group with a packet in the arena, in place of the one before; false when nothing could ever join it. */
  begin(offset: number, length: number): boolean {
    this.count = 0;
    this.#isOpen = false;
    const { bytes } = this.#arena;
    const headerLength = transportHeaderLength(bytes, offset, length);
    if (headerLength === 0 || headerLength === length) return false;
    if (readUint16(bytes, offset + ipv6PayloadLengthOffset) !== length - ipv6HeaderOctets) return false;
    const protocol = bytes[offset + ipv6NextHeaderOffset]!;
    const transport = offset + ipv6HeaderOctets;
    if (protocol === tcpProtocol) {
      // Flags other than ACK have a meaning of their own, and PSH ends what belongs together.
      if (bytes[transport + tcp.flags] !== tcpFlags.acknowledge) return false;
    } else if (!this.#joinsUdp || !isWholeUdp(bytes, transport, length)) return false;
    this.protocol = protocol;
    this.headerLength = headerLength;
    this.segmentOctets = length - headerLength;
    this.#totalPayload = 0;
    this.#nextSequence = protocol === tcpProtocol ? readUint32(bytes, transport + tcp.sequence) : 0;
    this.#firstIsVerified = false;
    this.#isOpen = true;
    this.#add(offset, this.segmentOctets);
    return true;
  }

  /**
   * Turns the first packet's header into the super-segment's: lengths of all, PSH of the last, and as checksum the sum of
   * the pseudo-header, for the kernel to complete. `splitFirstHeader` undoes it.
   */
  joinFirstHeader(): void {
    const first = this.#offsets[0]!;
    const last = this.#offsets[this.count - 1]!;
    this.#writeFirstHeader(this.#totalPayload, this.#arena.bytes[last + ipv6HeaderOctets + tcp.flags]!);
    const upperOctets = this.headerLength - ipv6HeaderOctets + this.#totalPayload;
    const sum = this.#checksum.sum(first + ipv6SourceOffset, ipv6AddressesOctets, upperOctets + this.protocol);
    writeUint16(this.#arena.bytes, first + transportChecksumOffset(this.protocol), sum);
  }

  /** Makes the first packet again what it was, when the kernel did not take the super-segment. */
  splitFirstHeader(): void {
    this.#writeFirstHeader(this.segmentOctets, tcpFlags.acknowledge);
    const first = this.#offsets[0]!;
    const field = first + transportChecksumOffset(this.protocol);
    const upperOctets = this.headerLength - ipv6HeaderOctets + this.segmentOctets;
    writeUint16(this.#arena.bytes, field, 0);
    const sum = this.#checksum.sum(
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
    const first = this.#offsets[0]!;
    const transport = first + ipv6HeaderOctets;
    const upperOctets = this.headerLength - ipv6HeaderOctets + payloadOctets;
    writeUint16(bytes, first + ipv6PayloadLengthOffset, upperOctets);
    if (this.protocol === tcpProtocol) bytes[transport + tcp.flags] = flags;
    else writeUint16(bytes, transport + udp.length, upperOctets);
  }

  #add(offset: number, payload: number): void {
    this.#offsets[this.count] = offset;
    this.#payloadOctets[this.count] = payload;
    this.count++;
    this.#totalPayload += payload;
    this.#nextSequence = (this.#nextSequence + payload) >>> 0;
  }

  /** Whether the packet says what the group's first says, but for what must differ. */
  #continues(offset: number, length: number): boolean {
    const { bytes } = this.#arena;
    const first = this.#offsets[0]!;
    if (readUint16(bytes, offset + ipv6PayloadLengthOffset) !== length - ipv6HeaderOctets) return false;
    // Version, traffic class, flow label; next header and hop limit; addresses and ports.
    if (!equals(bytes, first, offset, 0, 4)) return false;
    if (!equals(bytes, first, offset, ipv6NextHeaderOffset, ipv6HeaderOctets + 4)) return false;
    const transport = offset + ipv6HeaderOctets;
    if (this.protocol === udpProtocol) return isWholeUdp(bytes, transport, length);
    if (readUint32(bytes, transport + tcp.sequence) !== this.#nextSequence) return false;
    if ((bytes[transport + tcp.flags]! | tcpFlags.push) !== (tcpFlags.acknowledge | tcpFlags.push)) return false;
    // Acknowledgement, data offset and reserved bits; window; urgent pointer and options.
    return (
      equals(bytes, first, offset, ipv6HeaderOctets + 8, ipv6HeaderOctets + tcp.flags) &&
      equals(bytes, first, offset, ipv6HeaderOctets + 14, ipv6HeaderOctets + tcp.checksum) &&
      equals(bytes, first, offset, ipv6HeaderOctets + 18, this.headerLength)
    );
  }

  #closes(offset: number): boolean {
    if (this.protocol !== tcpProtocol) return false;
    return this.#arena.bytes[offset + ipv6HeaderOctets + tcp.flags] !== tcpFlags.acknowledge;
  }

  #isVerified(offset: number, length: number): boolean {
    // Addresses, transport header and payload lie side by side.
    const upperOctets = length - ipv6HeaderOctets;
    const covered = ipv6AddressesOctets + upperOctets;
    return this.#checksum.sum(offset + ipv6SourceOffset, covered, upperOctets + this.protocol) === 0xffff;
  }
}

/** Whether a UDP header tells the packet's length and has a checksum: without one nothing could be verified. */
function isWholeUdp(bytes: Uint8Array, transport: number, length: number): boolean {
  return (
    readUint16(bytes, transport + udp.length) === length - ipv6HeaderOctets &&
    readUint16(bytes, transport + udp.checksum) !== 0
  );
}

function equals(bytes: Uint8Array, first: number, second: number, from: number, to: number): boolean {
  for (let index = from; index < to; index++) if (bytes[first + index] !== bytes[second + index]) return false;
  return true;
}
