import type { DeviceDropReason } from '../../drop-sink.ts';
import type { Allocator, Arena } from '../../kernel/arena.ts';
import { errno } from '../../kernel/errno.ts';
import {
  MessageHeaders,
  messageHeaderOctets,
  reportLost,
  vectorOctets,
  writeVector,
} from '../../kernel/message-headers.ts';
import type { SystemCalls } from '../../kernel/system-calls.ts';
import { maximumPayloadOctets, type Sender } from './sender.ts';
import { SeparateDatagrams } from './separate-datagrams.ts';

/** Messages per batch; a full batch is flushed. */
export const batchMessages = 64;
/** Pieces of memory per batch, of which a message of many datagrams takes one or two for each. */
const batchVectors = 2048;
/** Place for copies of packets from outside the arena and for headers, shared by a batch; any single packet fits. */
export const batchCopyOctets = 262_144;
/** The longest packet of IPv4 or IPv6. */
const maximumPacketOctets = 65_575;
/** Segments into which any kernel with `UDP_SEGMENT` cuts one message (UDP_MAX_SEGMENTS). */
export const maximumSegments = 64;
/** Messages that go alone after one was too long for the path, before joined ones are tried again. */
const messagesBeforeRetry = 10_000;

export interface SendBatchParts {
  readonly calls: Pick<SystemCalls, 'sendmmsg' | 'errno'>;
  readonly arena: Arena;
  readonly nameOctets: number;
  /** The part of the arena to reserve memory in; all of it by default. */
  readonly room?: Allocator;
}

/** The places of messages in a batch of one socket. */
const inOrder: Uint8Array = Uint8Array.from({ length: batchMessages }, (_, message) => message);

/**
 * Messages of any number of sockets that wait for one `sendmmsg` for each socket. A message is one or more segments:
 * datagrams of equal length, except for a shorter last one. A segment is one or more pieces of memory.
 */
export class SendBatch {
  readonly headers: MessageHeaders;
  readonly #parts: SendBatchParts;
  readonly #arena: Arena;
  readonly #copies: number;
  readonly #vectors: number;
  /** Per message: its first vector, the number of its segments, and their length except for a shorter last one. */
  readonly #firstVector: Uint16Array = new Uint16Array(batchMessages);
  readonly #segments: Uint8Array = new Uint8Array(batchMessages);
  readonly #segmentOctets: Uint16Array = new Uint16Array(batchMessages);
  readonly #separate: SeparateDatagrams;
  /** Per message: its socket. */
  readonly #senders: Sender[] = [];
  /** Messages of several sockets that are done, those that belong to one, and copies of their headers. */
  readonly #isDone: Uint8Array = new Uint8Array(batchMessages);
  readonly #chosen: Uint8Array = new Uint8Array(batchMessages);
  readonly #chosenHeaders: number;
  #queued = 0;
  #isMixed = false;
  #usedVectors = 0;
  #copied = 0;
  /** Octets of the last message, and its socket while it may grow. */
  #lastOctets = 0;
  #openSender: Sender | undefined;

  constructor(parts: SendBatchParts) {
    const { arena, nameOctets, room = arena } = parts;
    this.#parts = parts;
    this.#arena = arena;
    this.headers = new MessageHeaders(arena, { count: batchMessages, nameOctets }, room);
    this.#separate = new SeparateDatagrams(parts, maximumSegments);
    this.#vectors = room.allocate(batchVectors * vectorOctets);
    this.#copies = room.allocate(batchCopyOctets);
    this.#chosenHeaders = room.allocate(batchMessages * messageHeaderOctets, 64);
  }

  /** The message that was begun last; -1 when there is none that waits. */
  get last(): number {
    return this.#queued - 1;
  }

  /**
   * Returns the offset of a packet in the arena, copied there when it came from elsewhere; -1 when it is too long and was
   * dropped. May flush.
   */
  place(sender: Sender, memory: Uint8Array, offset: number, octets: number): number {
    if (octets > maximumPacketOctets) {
      sender.drops.drop('send-failed');
      return -1;
    }
    const inArena = this.#arena.offsetOf(memory);
    if (inArena >= 0) return inArena + offset;
    const place = this.reserve(octets);
    this.#arena.copyFrom(memory, offset, octets, place);
    return place;
  }

  /** Offset in the arena of `octets` that hold until the flush, a multiple of 16. May flush what was complete. */
  reserve(octets: number): number {
    if (this.#copied + octets > batchCopyOctets) this.flush();
    const place = this.#copies + this.#copied;
    this.#copied += (octets + 15) & ~15;
    return place;
  }

  /** Flushes unless one more message fits, with this many segments of two pieces and `copyOctets` each. */
  makeRoom(segments = 1, copyOctets = 0): void {
    if (
      this.#queued === batchMessages ||
      this.#usedVectors > batchVectors - 2 * segments ||
      this.#copied + segments * copyOctets > batchCopyOctets
    )
      this.flush();
  }

  /** Returns true if a segment of so many octets may follow in the last message, if it goes to the same endpoint. */
  mayExtend(sender: Sender, octets: number): boolean {
    if (sender !== this.#openSender || octets === 0) return false;
    const message = this.#queued - 1;
    return (
      octets <= this.#segmentOctets[message]! &&
      this.#segments[message]! < maximumSegments &&
      this.#lastOctets + octets <= maximumPayloadOctets
    );
  }

  /** Begins a message after `makeRoom`; the caller writes its socket address. */
  begin(sender: Sender, segmentOctets: number): number {
    const message = this.#queued++;
    this.#senders[message] = sender;
    if (sender !== this.#senders[0]) this.#isMixed = true;
    this.#firstVector[message] = this.#usedVectors;
    this.#segments[message] = 0;
    this.#segmentOctets[message] = segmentOctets;
    this.#lastOctets = 0;
    const mayGrow = segmentOctets <= sender.joinableOctets;
    this.#openSender = mayGrow && sender.joins ? sender : undefined;
    if (!mayGrow && ++sender.messagesAlone >= messagesBeforeRetry) sender.joinableOctets = maximumPayloadOctets;
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
   * Returns how many of `count` segments, `octets` each but for the last of `lastOctets`, fit the last message: at least 1, which
   * `mayExtend` or `begin` ensured.
   */
  segmentsThatFit(count: number, octets: number, lastOctets: number): number {
    const message = this.#queued - 1;
    if (this.#openSender === undefined || octets < this.#segmentOctets[message]!) return 1;
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
    if (lastOctets < segmentOctets) this.#openSender = undefined;
    this.headers.setVectorCount(message, this.#usedVectors - this.#firstVector[message]!);
    if (segments > 1) this.headers.setSegmentOctets(message, segmentOctets);
  }

  flush(): void {
    if (this.#isMixed) this.#sendMixed();
    else this.#send(this.headers.address, inOrder, this.#queued);
    this.#queued = 0;
    this.#isMixed = false;
    this.#usedVectors = 0;
    this.#copied = 0;
    this.#openSender = undefined;
  }

  /** One call for each socket, with its messages in their order. */
  #sendMixed(): void {
    const isDone = this.#isDone.fill(0);
    for (let first = 0; first < this.#queued; first++) {
      if (isDone[first] === 1) continue;
      let count = 0;
      for (let message = first; message < this.#queued; message++) {
        if (this.#senders[message] !== this.#senders[first]) continue;
        isDone[message] = 1;
        this.#chosen[count] = message;
        this.headers.copyHeader(message, this.#chosenHeaders + count * messageHeaderOctets);
        count++;
      }
      this.#send(this.#arena.address(this.#chosenHeaders), this.#chosen, count);
    }
  }

  /** Sends `count` messages of one socket, which `order` names, and whose headers lie side by side at an address. */
  #send(address: number, order: Uint8Array, count: number): void {
    let next = 0;
    while (next < count) {
      const { descriptor } = this.#senders[order[next]!]!;
      const from = address + next * messageHeaderOctets;
      const sent = this.#parts.calls.sendmmsg(descriptor, from, count - next, 0);
      next += sent > 0 ? sent : this.#refused(order, next, count, this.#parts.calls.errno());
    }
  }

  /** Decides on the message at `place` of `order`, which the kernel did not take; returns how many are dealt with. */
  #refused(order: Uint8Array, place: number, count: number, error: number): number {
    const next = order[place]!;
    const sender = this.#senders[next]!;
    switch (error) {
      case errno.EINTR:
        return 0;
      case errno.EAGAIN:
      case errno.ENOBUFS:
      case errno.ENOMEM:
        for (let each = place; each < count; each++) this.#lose(order[each]!, 'send-buffer-full');
        return count - place;
      case errno.EIO:
        // An outgoing device cannot complete checksums, permanently.
        sender.joins = false;
        break;
      case errno.EMSGSIZE:
      case errno.EINVAL:
        break;
      default:
        // A route or a firewall refuses this one message.
        this.#lose(next, 'send-failed');
        return 1;
    }
    if (this.#segments[next] === 1) {
      this.#lose(next, 'send-failed');
    } else {
      sender.joinableOctets = Math.min(sender.joinableOctets, this.#segmentOctets[next]! - 1);
      sender.messagesAlone = 0;
      this.#sendSeparately(next);
    }
    return 1;
  }

  #lose(message: number, reason: DeviceDropReason): void {
    const { drops } = this.#senders[message]!;
    drops.drop(reason, this.#segments[message]!);
    reportLost(this.#arena, drops, this.#vectorAt(this.#firstVector[message]!), this.#endOf(message));
  }

  #vectorAt(index: number): number {
    return this.#vectors + index * vectorOctets;
  }

  /** Returns the place after the last vector of the message. */
  #endOf(message: number): number {
    return this.#vectorAt(message + 1 < this.#queued ? this.#firstVector[message + 1]! : this.#usedVectors);
  }

  #sendSeparately(message: number): void {
    this.#separate.send(this.#senders[message]!, {
      name: this.headers.nameOffset(message),
      vector: this.#vectorAt(this.#firstVector[message]!),
      end: this.#endOf(message),
      datagramOctets: this.#segmentOctets[message]!,
    });
  }
}
