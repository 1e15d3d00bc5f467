import { readUint32, writeUint16, writeUint32 } from '@navalis/address';
import type { PacketRun } from '@navalis/engine';
import {
  checksumOf,
  ipv6AddressesOctets,
  ipv6HeaderOctets,
  ipv6NextHeaderOffset,
  ipv6PayloadLengthOffset,
  ipv6SourceOffset,
  maximumHeaderOctets,
  tcp,
  tcpFlags,
  tcpProtocol,
  transportChecksumOffset,
  transportHeaderLength,
  udp,
} from '@navalis/wire';
import type { InternetChecksum } from '../checksum/internet-checksum.ts';
import type { Arena } from '../kernel/arena.ts';

/**
 * Cuts a super-segment of TCP or UDP, a run with `headerStride` 0 in the arena: one header, then the payloads of all its
 * packets. The payload stays where it is; what differs from packet to packet in the header is computed.
 */
export class Segmenter {
  /** Octets of each packet's header. */
  headerLength = 0;
  readonly #arena: Arena;
  readonly #checksum: InternetChecksum;
  /** The header without what differs between packets; a multiple of 16. */
  readonly #template: number;
  #protocol = 0;
  #payload = 0;
  #payloadOctets = 0;
  #lastPayloadOctets = 0;
  #last = 0;
  #sequence = 0;
  #flags = 0;
  /** Of addresses, protocol and the template's transport header. */
  #constantSum = 0;

  constructor(arena: Arena, checksum: InternetChecksum) {
    this.#arena = arena;
    this.#checksum = checksum;
    this.#template = arena.allocate(maximumHeaderOctets);
  }

  /** Takes up a run whose memory is the arena's; false when it is none that can be cut. */
  begin(run: PacketRun): boolean {
    const { bytes } = this.#arena;
    const offset = run.memory.byteOffset + run.offset;
    const headerLength = transportHeaderLength(bytes, offset, run.packetLength);
    if (headerLength === 0 || run.lastPacketLength < headerLength) return false;
    this.headerLength = headerLength;
    this.#protocol = bytes[offset + ipv6NextHeaderOffset]!;
    this.#payload = offset + headerLength;
    this.#payloadOctets = run.packetLength - headerLength;
    this.#lastPayloadOctets = run.lastPacketLength - headerLength;
    this.#last = run.count - 1;
    this.#prepareTemplate(offset);
    return true;
  }

  /** Offset in the arena of the payload of the packet at `index`. */
  payloadOffset(index: number): number {
    return this.#payload + index * this.#payloadOctets;
  }

  payloadLength(index: number): number {
    return index === this.#last ? this.#lastPayloadOctets : this.#payloadOctets;
  }

  /** Writes the header of the packet at `index` to `at`, a multiple of 4 in the arena. */
  writeHeader(index: number, at: number): void {
    const { bytes, uint32 } = this.#arena;
    const from = this.#template >>> 2;
    const words = this.headerLength >>> 2;
    for (let word = 0; word < words; word++) uint32[(at >>> 2) + word] = uint32[from + word]!;
    const payloadLength = this.payloadLength(index);
    const upperLength = this.headerLength - ipv6HeaderOctets + payloadLength;
    const transport = at + ipv6HeaderOctets;
    writeUint16(bytes, at + ipv6PayloadLengthOffset, upperLength);
    let sum = this.#constantSum + upperLength;
    if (this.#protocol === tcpProtocol) {
      const sequence = (this.#sequence + index * this.#payloadOctets) >>> 0;
      const flags = this.#flagsAt(index);
      writeUint32(bytes, transport + tcp.sequence, sequence);
      bytes[transport + tcp.flags] = flags;
      sum += (sequence >>> 16) + (sequence & 0xffff) + flags;
    } else {
      writeUint16(bytes, transport + udp.length, upperLength);
      sum += upperLength;
    }
    const checksum = checksumOf(this.#checksum.sum(this.payloadOffset(index), payloadLength, sum), this.#protocol);
    writeUint16(bytes, at + transportChecksumOffset(this.#protocol), checksum);
  }

  #prepareTemplate(offset: number): void {
    const { bytes } = this.#arena;
    const template = this.#template;
    bytes.copyWithin(template, offset, offset + this.headerLength);
    const transport = template + ipv6HeaderOctets;
    if (this.#protocol === tcpProtocol) {
      this.#sequence = readUint32(bytes, transport + tcp.sequence);
      this.#flags = bytes[transport + tcp.flags]!;
      writeUint32(bytes, transport + tcp.sequence, 0);
      bytes[transport + tcp.flags] = 0;
    } else {
      writeUint16(bytes, transport + udp.length, 0);
    }
    writeUint16(bytes, template + transportChecksumOffset(this.#protocol), 0);
    // Addresses and transport header lie side by side, as the pseudo-header has them (RFC 8200 section 8.1).
    this.#constantSum = this.#checksum.sum(
      template + ipv6SourceOffset,
      ipv6AddressesOctets + this.headerLength - ipv6HeaderOctets,
      this.#protocol,
    );
  }

  /** FIN and PSH are the last packet's, CWR is the first's. */
  #flagsAt(index: number): number {
    let flags = this.#flags;
    if (index < this.#last) flags &= ~(tcpFlags.fin | tcpFlags.push);
    if (index > 0) flags &= ~tcpFlags.congestionWindowReduced;
    return flags;
  }
}
