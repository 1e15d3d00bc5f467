import type { DropReason } from '@navalis/engine';
import type { DropSink } from '../drop-sink.ts';
import type { Arena } from '../kernel/arena.ts';
import { errno } from '../kernel/errno.ts';
import { MessageHeaders, reportLost, vectorOctets, writeVector } from '../kernel/message-headers.ts';
import type { SystemCalls } from '../kernel/system-calls.ts';
import { SeparateDatagrams } from './separate-datagrams.ts';

/** Messages per batch; a full batch is flushed. */
export const batchMessages = 64;
/** Pieces of memory per batch, of which a message of many datagrams takes one or two for each. */
const batchVectors = 2048;
/** Place for copies of packets from outside the arena and for headers, shared by a batch; any single packet fits. */
export const batchCopyOctets = 262_144;
/** No packet of IPv4 or IPv6 is longer. */
const maximumPacketOctets = 65_575;
/** What any kernel with `UDP_SEGMENT` cuts one message into (UDP_MAX_SEGMENTS). */
export const maximumSegments = 64;
/** The longest payload of UDP over IPv4. */
const maximumPayloadOctets = 65_507;
/** Messages that go alone after one was too long for the path, before joined ones are tried again. */
const messagesBeforeRetry = 10_000;

export interface SendBatchParts {
  readonly calls: Pick<SystemCalls, 'sendmmsg' | 'errno'>;
  readonly arena: Arena;
  readonly drops: DropSink;
  readonly nameOctets: number;
  /** Whether datagrams to one endpoint may leave as one message that the kernel cuts (`UDP_SEGMENT`). */
  readonly joins: boolean;
}

/**
 * Messages that wait for one `sendmmsg`. A message is one or more segments, datagrams of one length but for a shorter
 * last one; a segment is one or more pieces of memory.
 */
export class SendBatch {
  readonly headers: MessageHeaders;
  readonly #parts: SendBatchParts;
  readonly #arena: Arena;
  readonly #copies: number;
  readonly #vectors: number;
  /** Of each message: its first vector, its segments, and the octets of all but a shorter last one. */
  readonly #firstVector: Uint16Array = new Uint16Array(batchMessages);
  readonly #segments: Uint8Array = new Uint8Array(batchMessages);
  readonly #segmentOctets: Uint16Array = new Uint16Array(batchMessages);
  readonly #separate: SeparateDatagrams;
  #queued = 0;
  #usedVectors = 0;
  #copied = 0;
  /** Of the last message: octets in all, and whether it may grow. */
  #lastOctets = 0;
  #lastIsOpen = false;
  #joins: boolean;
  /** Segments longer than this are not joined: the path of an earlier one was narrower. */
  #joinableOctets = maximumPayloadOctets;
  #messagesAlone = 0;

  constructor(parts: SendBatchParts) {
    const { arena, nameOctets } = parts;
    this.#parts = parts;
    this.#arena = arena;
    this.#joins = parts.joins;
    this.headers = new MessageHeaders(arena, { count: batchMessages, nameOctets });
    this.#separate = new SeparateDatagrams(parts, maximumSegments);
    this.#vectors = arena.allocate(batchVectors * vectorOctets);
    this.#copies = arena.allocate(batchCopyOctets);
  }

  /** Whether the kernel is asked to cut messages. */
  get joins(): boolean {
    return this.#joins;
  }

  /** The message that was begun last; -1 when there is none that waits. */
  get last(): number {
    return this.#queued - 1;
  }

  /**
   * Answers where in the arena a packet lies, copied there when it came from elsewhere; -1 when it is too long and was
   * dropped. May flush.
   */
  place(descriptor: number, memory: Uint8Array, offset: number, octets: number): number {
    if (octets > maximumPacketOctets) {
      this.#parts.drops.drop('send-failed');
      return -1;
    }
    const inArena = this.#arena.offsetOf(memory);
    if (inArena >= 0) return inArena + offset;
    const place = this.reserve(descriptor, octets);
    this.#arena.copyFrom(memory, offset, octets, place);
    return place;
  }

  /** Offset in the arena of `octets` that hold until the flush, a multiple of 16. May flush what was complete. */
  reserve(descriptor: number, octets: number): number {
    if (this.#copied + octets > batchCopyOctets) this.flush(descriptor);
    const place = this.#copies + this.#copied;
    this.#copied += (octets + 15) & ~15;
    return place;
  }

  /** Flushes when there is no room for one more message or so many segments of two pieces, with `copyOctets` each. */
  makeRoom(descriptor: number, segments = 1, copyOctets = 0): void {
    if (
      this.#queued === batchMessages ||
      this.#usedVectors > batchVectors - 2 * segments ||
      this.#copied + segments * copyOctets > batchCopyOctets
    )
      this.flush(descriptor);
  }

  /** Whether a segment of so many octets may follow in the last message, if it goes to the same place. */
  mayExtend(octets: number): boolean {
    if (!this.#joins || !this.#lastIsOpen || octets === 0) return false;
    const message = this.#queued - 1;
    return (
      octets <= this.#segmentOctets[message]! &&
      this.#segments[message]! < maximumSegments &&
      this.#lastOctets + octets <= maximumPayloadOctets
    );
  }

  /** Begins a message after `makeRoom`; the caller writes its socket address. */
  begin(segmentOctets: number): number {
    const message = this.#queued++;
    this.#firstVector[message] = this.#usedVectors;
    this.#segments[message] = 0;
    this.#segmentOctets[message] = segmentOctets;
    this.#lastOctets = 0;
    this.#lastIsOpen = segmentOctets <= this.#joinableOctets;
    if (!this.#lastIsOpen && ++this.#messagesAlone >= messagesBeforeRetry) this.#joinableOctets = maximumPayloadOctets;
    this.headers.setVectors(message, this.#vectors + this.#usedVectors * vectorOctets, 0);
    this.headers.setSegmentOctets(message, 0);
    return message;
  }

  /** Adds a segment to the last message, one piece of memory. */
  add(offset: number, octets: number): void {
    writeVector(this.#arena, this.nextVector, offset, octets);
    this.#usedVectors++;
    this.#count(1, octets, octets);
  }

  /** Offset of the `struct iovec` that belongs to the last message next. */
  get nextVector(): number {
    return this.#vectors + this.#usedVectors * vectorOctets;
  }

  /**
   * How many of `count` segments, `octets` each but for the last of `lastOctets`, the last message takes; at least 1, which
   * `mayExtend` or `begin` made sure of.
   */
  segmentsThatFit(count: number, octets: number, lastOctets: number): number {
    const message = this.#queued - 1;
    if (!this.#lastIsOpen || !this.#joins || octets < this.#segmentOctets[message]!) return 1;
    const room = Math.min(count, maximumSegments - this.#segments[message]!);
    const left = maximumPayloadOctets - this.#lastOctets;
    if (room === count && (count - 1) * octets + lastOctets <= left) return count;
    return Math.max(1, Math.min(room, count - 1, Math.floor(left / octets)));
  }

  /** Adds segments of two pieces each to the last message, which were entered at `nextVector` and following. */
  addSegments(count: number, octets: number, lastOctets: number): void {
    this.#usedVectors += 2 * count;
    this.#count(count, octets, lastOctets);
  }

  #count(count: number, octets: number, lastOctets: number): void {
    const message = this.#queued - 1;
    const segments = this.#segments[message]! + count;
    this.#segments[message] = segments;
    this.#lastOctets += (count - 1) * octets + lastOctets;
    const segmentOctets = this.#segmentOctets[message]!;
    if (lastOctets < segmentOctets) this.#lastIsOpen = false;
    this.headers.setVectorCount(message, this.#usedVectors - this.#firstVector[message]!);
    if (segments > 1) this.headers.setSegmentOctets(message, segmentOctets);
  }

  flush(descriptor: number): void {
    let next = 0;
    while (next < this.#queued) {
      const waiting = this.#queued - next;
      const sent = this.#parts.calls.sendmmsg(descriptor, this.headers.addressFrom(next), waiting, 0);
      next += sent > 0 ? sent : this.#refused(descriptor, next, this.#parts.calls.errno());
    }
    this.#queued = 0;
    this.#usedVectors = 0;
    this.#copied = 0;
    this.#lastIsOpen = false;
  }

  /** Decides on the message at `next`, which the kernel did not take; answers how many are dealt with. */
  #refused(descriptor: number, next: number, error: number): number {
    switch (error) {
      case errno.EINTR:
        return 0;
      case errno.EAGAIN:
      case errno.ENOBUFS:
      case errno.ENOMEM:
        return this.#dropRest(next);
      case errno.EIO:
        // Some device on the way out cannot complete checksums, and will not learn it.
        this.#joins = false;
        break;
      case errno.EMSGSIZE:
      case errno.EINVAL:
        break;
      default:
        // A route, a firewall: wrong with this one message only.
        this.#lose(next, 'send-failed');
        return 1;
    }
    if (this.#segments[next] === 1) {
      this.#lose(next, 'send-failed');
    } else {
      this.#joinableOctets = Math.min(this.#joinableOctets, this.#segmentOctets[next]! - 1);
      this.#messagesAlone = 0;
      this.#sendSeparately(descriptor, next);
    }
    return 1;
  }

  #dropRest(next: number): number {
    for (let message = next; message < this.#queued; message++) this.#lose(message, 'send-buffer-full');
    return this.#queued - next;
  }

  #lose(message: number, reason: DropReason): void {
    const { drops } = this.#parts;
    drops.drop(reason, this.#segments[message]!);
    reportLost(this.#arena, drops, this.#vectorAt(this.#firstVector[message]!), this.#endOf(message));
  }

  #vectorAt(index: number): number {
    return this.#vectors + index * vectorOctets;
  }

  /** Behind the message's last vector. */
  #endOf(message: number): number {
    return this.#vectorAt(message + 1 < this.#queued ? this.#firstVector[message + 1]! : this.#usedVectors);
  }

  #sendSeparately(descriptor: number, message: number): void {
    this.#separate.send(
      descriptor,
      this.headers.nameOffset(message),
      this.#vectorAt(this.#firstVector[message]!),
      this.#endOf(message),
      this.#segmentOctets[message]!,
    );
  }
}
