import { type Ipv6Value, readIpv6, readUint16, readUint32, writeUint16, writeUint32 } from '@navalis/address';
import type { Milliseconds } from '@navalis/engine';
import { destinationOffset, ipv6HeaderLength, sourceOffset, writeIpv6Header } from '@navalis/wire';
import type { Timer, VirtualClock } from '../virtual-clock.ts';

/** Segments are of the protocol for experiments (RFC 3692). */
export const transferNextHeader = 253;

/*
 * Octets after the IPv6 header: 0 kind, 2 identifier, 4 number, 8 number of segments in all (in a segment) or digest of the
 * content (in the acknowledgement of the last one), 12 content. An acknowledgement carries the number of the first segment
 * that is missing.
 */
const kindSegment = 1;
const kindAcknowledgement = 2;
const identifierOffset = ipv6HeaderLength + 2;
const numberOffset = ipv6HeaderLength + 4;
const totalOffset = ipv6HeaderLength + 8;
const contentOffset = ipv6HeaderLength + 12;

const segmentOctets = 1000;
const windowSegments = 16;
const firstTimeoutMs = 1000;
const longestTimeoutMs = 8000;

type Build = (source: Ipv6Value, destination: Ipv6Value) => Uint8Array[];

/** The sending side: a window of 16 segments, all of it again after a timeout that doubles from 1 s to 8 s. */
export class Transfer {
  /** When everything was acknowledged. */
  completedAt: Milliseconds | undefined;
  /** Whether the receiver got the same octets; false until it is complete. */
  isIntact = false;
  retransmissions = 0;
  readonly #identifier: number;
  readonly #content: Uint8Array;
  readonly #segments: number;
  readonly #clock: VirtualClock;
  readonly #send: (build: Build) => void;
  #acknowledged = 0;
  #sent = 0;
  #timeoutMs: Milliseconds = firstTimeoutMs;
  #timer: Timer | undefined;

  /** `send` builds packets between the addresses of the moment and sends them, if there are any. */
  constructor(identifier: number, content: Uint8Array, clock: VirtualClock, send: (build: Build) => void) {
    this.#identifier = identifier;
    this.#content = content;
    this.#segments = Math.max(1, Math.ceil(content.length / segmentOctets));
    this.#clock = clock;
    this.#send = send;
  }

  /** The transfer that a packet belongs to. */
  static identifierOf(packet: Uint8Array): number {
    return readUint16(packet, identifierOffset);
  }

  start(): void {
    this.#fillWindow();
  }

  acknowledge(packet: Uint8Array): void {
    if (packet[ipv6HeaderLength] !== kindAcknowledgement || this.completedAt !== undefined) return;
    const missing = readUint32(packet, numberOffset);
    if (missing <= this.#acknowledged) return;
    this.#acknowledged = missing;
    this.#sent = Math.max(this.#sent, missing);
    this.#timeoutMs = firstTimeoutMs;
    if (missing < this.#segments) {
      this.#fillWindow();
      return;
    }
    this.#timer?.cancel();
    this.completedAt = this.#clock.now;
    this.isIntact = readUint32(packet, totalOffset) === digestOf(this.#content);
  }

  #fillWindow(): void {
    const from = this.#sent;
    this.#sent = Math.min(this.#segments, this.#acknowledged + windowSegments);
    const end = this.#sent;
    if (end > from) {
      this.#send((source, destination) =>
        Array.from({ length: end - from }, (_, index) => this.#segment(from + index, source, destination)),
      );
    }
    this.#timer?.cancel();
    this.#timer = this.#clock.after(this.#timeoutMs, () => {
      this.#timeoutMs = Math.min(2 * this.#timeoutMs, longestTimeoutMs);
      this.retransmissions += this.#sent - this.#acknowledged;
      this.#sent = this.#acknowledged;
      this.#fillWindow();
    });
  }

  #segment(number: number, source: Ipv6Value, destination: Ipv6Value): Uint8Array {
    const content = this.#content.subarray(number * segmentOctets, (number + 1) * segmentOctets);
    const fields = { kind: kindSegment, identifier: this.#identifier, number, total: this.#segments, content };
    return buildPacket(fields, source, destination);
  }
}

/** The receiving side of all transfers to a host. Bounded by the transfers that the scenario makes. */
export class TransferReceiver {
  readonly #arriving: Map<string, Map<number, Uint8Array>> = new Map();

  /** Returns the acknowledgement of a segment; undefined when the packet is not one. */
  receive(packet: Uint8Array): Uint8Array | undefined {
    if (packet[ipv6HeaderLength] !== kindSegment) return undefined;
    const identifier = readUint16(packet, identifierOffset);
    const [source, destination] = [readIpv6(packet, sourceOffset), readIpv6(packet, destinationOffset)];
    const key = [source.word0, source.word1, source.word2, source.word3, identifier].join();
    const segments = this.#arriving.get(key) ?? new Map<number, Uint8Array>();
    this.#arriving.set(key, segments);
    const number = readUint32(packet, numberOffset);
    if (!segments.has(number)) segments.set(number, packet.slice(contentOffset));
    let missing = 0;
    while (segments.has(missing)) missing++;
    const isComplete = missing === readUint32(packet, totalOffset);
    const digest = isComplete ? digestOf(joined(segments)) : 0;
    const fields = {
      kind: kindAcknowledgement,
      identifier,
      number: missing,
      total: digest,
      content: new Uint8Array(0),
    };
    return buildPacket(fields, destination, source);
  }
}

/** The fields of a segment, or of an acknowledgement, whose total is the digest of the content. */
interface TransferFields {
  readonly kind: number;
  readonly identifier: number;
  readonly number: number;
  readonly total: number;
  readonly content: Uint8Array;
}

function buildPacket(fields: TransferFields, source: Ipv6Value, destination: Ipv6Value): Uint8Array {
  const { kind, identifier, number, total, content } = fields;
  const packet = new Uint8Array(contentOffset + content.length);
  const payloadLength = packet.length - ipv6HeaderLength;
  writeIpv6Header(packet, 0, { payloadLength, nextHeader: transferNextHeader, hopLimit: 64, source, destination });
  packet[ipv6HeaderLength] = kind;
  writeUint16(packet, identifierOffset, identifier);
  writeUint32(packet, numberOffset, number);
  writeUint32(packet, totalOffset, total);
  packet.set(content, contentOffset);
  return packet;
}

function joined(segments: ReadonlyMap<number, Uint8Array>): Uint8Array {
  const parts = Array.from({ length: segments.size }, (_, number) => segments.get(number)!);
  const whole = new Uint8Array(parts.reduce((sum, part) => sum + part.length, 0));
  let at = 0;
  for (const part of parts) {
    whole.set(part, at);
    at += part.length;
  }
  return whole;
}

/** FNV-1a. */
function digestOf(octets: Uint8Array): number {
  let state = 0x811c9dc5;
  for (const octet of octets) state = Math.imul(state ^ octet, 0x01000193);
  return state >>> 0;
}
