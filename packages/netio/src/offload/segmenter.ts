import { readUint32, writeUint16, writeUint32 } from '@navalis/address';
import type { PacketRun } from '@navalis/engine';
import {
  ipv6AddressesOctets,
  ipv6HeaderLength,
  ipv6NextHeaderOffset,
  ipv6SourceOffset,
  maximumHeaderOctets,
  tcp,
  tcpProtocol,
  transportChecksumOffset,
  transportHeaderLength,
  udp,
} from '@navalis/wire';
import type { Arena } from '../kernel/arena.ts';
import { vectorOctets, writeVector } from '../kernel/message-headers.ts';
import type { PacketLoops } from '../packet-loops/packet-loops.ts';

/** Octets in front of a packet that goes through a channel of a TURN server: its number and the length (RFC 8656 12.4). */
export const channelDataHeaderOctets = 4;

/**
 * Cuts a super-segment of TCP or UDP, a run with `headerStride` 0 in the arena: one header, then the payloads of all its
 * packets. The payload stays where it is; what differs from packet to packet in the header is computed.
 */
export class Segmenter {
  /** Octets that each packet's header takes, a multiple of 16. */
  headerRoom = 0;
  readonly #arena: Arena;
  readonly #loops: PacketLoops;
  /** The header without what differs between packets; a multiple of 16. */
  readonly #template: number;
  #headerLength = 0;
  #protocol = 0;
  #payload = 0;
  #payloadOctets = 0;
  #lastPayloadOctets = 0;
  #last = 0;
  #sequence = 0;
  #flags = 0;
  /** The sum of addresses, protocol and the template's transport header. */
  #constantSum = 0;
  /** The channel number in the ChannelData header before each packet; 0: no header. */
  #channel = 0;

  constructor(arena: Arena, loops: PacketLoops) {
    this.#arena = arena;
    this.#loops = loops;
    this.#template = arena.allocate(maximumHeaderOctets);
  }

  /** Takes up a run, to be sent through a channel or, with 0, as it is; false when it is none that can be cut. */
  begin(run: PacketRun, channel = 0): boolean {
    const { bytes } = this.#arena;
    const memory = this.#arena.offsetOf(run.memory);
    if (memory < 0) return false;
    const offset = memory + run.offset;
    const headerLength = transportHeaderLength(bytes, offset, run.packetLength);
    if (headerLength === 0 || run.lastPacketLength < headerLength) return false;
    this.#headerLength = headerLength;
    this.#channel = channel;
    this.headerRoom = ((headerLength + 15) & ~15) + this.#prefixRoom;
    this.#protocol = bytes[offset + ipv6NextHeaderOffset]!;
    this.#payload = offset + headerLength;
    this.#payloadOctets = run.packetLength - headerLength;
    this.#lastPayloadOctets = run.lastPacketLength - headerLength;
    this.#last = run.count - 1;
    this.#prepareTemplate(offset);
    return true;
  }

  /**
   * Makes `count` packets from the one at `index` on: headers at `headers`, a multiple of 16, and following, `headerRoom`
   * octets for each; header and payload of each as two `struct iovec` at `vectors` and following.
   */
  writePackets(index: number, count: number, headers: number, vectors: number): void {
    const first = headers + this.#prefixRoom;
    this.#loops.writeSegments(
      this.#template,
      this.#headerLength,
      this.#protocol,
      this.#constantSum,
      this.#sequence,
      this.#flags,
      this.#payload,
      this.#payloadOctets,
      this.#lastPayloadOctets,
      this.#last,
      index,
      count,
      first,
      this.headerRoom,
      vectors,
      this.#arena.base,
    );
    if (this.#channel !== 0) this.#addPrefixes(index, count, first, vectors);
  }

  /** Room for a ChannelData header that keeps the headers after it aligned. */
  get #prefixRoom(): number {
    return this.#channel === 0 ? 0 : 16;
  }

  #addPrefixes(index: number, count: number, first: number, vectors: number): void {
    const { bytes } = this.#arena;
    for (let packet = 0; packet < count; packet++) {
      const at = first + packet * this.headerRoom - channelDataHeaderOctets;
      const payload = index + packet === this.#last ? this.#lastPayloadOctets : this.#payloadOctets;
      writeUint16(bytes, at, this.#channel);
      writeUint16(bytes, at + 2, this.#headerLength + payload);
      const vector = vectors + 2 * packet * vectorOctets;
      writeVector(this.#arena, vector, at, channelDataHeaderOctets + this.#headerLength);
    }
  }

  #prepareTemplate(offset: number): void {
    const { bytes } = this.#arena;
    const template = this.#template;
    bytes.copyWithin(template, offset, offset + this.#headerLength);
    const transport = template + ipv6HeaderLength;
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
    this.#constantSum = this.#loops.sum(
      template + ipv6SourceOffset,
      ipv6AddressesOctets + this.#headerLength - ipv6HeaderLength,
      this.#protocol,
    );
  }
}
