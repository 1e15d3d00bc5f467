import type { DropSink } from '../drop-sink.ts';
import type { Arena } from '../kernel/arena.ts';
import { errno } from '../kernel/errno.ts';
import { MessageHeaders } from '../kernel/message-headers.ts';
import type { SystemCalls } from '../kernel/system-calls.ts';

/** Messages per batch; a full batch is flushed. */
export const batchMessages = 64;
/** Place for copies of packets from outside the arena, shared by a batch; any single packet fits. */
export const batchCopyOctets = 262_144;
/** No packet of IPv4 or IPv6 is longer. */
const maximumPacketOctets = 65_575;

/** Messages that wait for one `sendmmsg`. */
export class SendBatch {
  readonly headers: MessageHeaders;
  readonly #calls: SystemCalls;
  readonly #arena: Arena;
  readonly #drops: DropSink;
  readonly #copies: number;
  #queued = 0;
  #copied = 0;

  constructor(calls: SystemCalls, arena: Arena, nameOctets: number, drops: DropSink) {
    this.#calls = calls;
    this.#arena = arena;
    this.#drops = drops;
    this.headers = new MessageHeaders(arena, { count: batchMessages, nameOctets });
    this.#copies = arena.allocate(batchCopyOctets);
  }

  /**
   * Adds one packet; answers the index of its message, whose socket address the caller writes, or -1 when it was dropped.
   */
  add(descriptor: number, memory: Uint8Array, offset: number, octets: number): number {
    if (octets > maximumPacketOctets) {
      this.#drops.drop('send-failed');
      return -1;
    }
    const needsCopy = !this.#arena.holds(memory);
    if (this.#queued === batchMessages || (needsCopy && this.#copied + octets > batchCopyOctets))
      this.flush(descriptor);
    const index = this.#queued++;
    const place = needsCopy ? this.#copy(memory, offset, octets) : memory.byteOffset + offset;
    this.headers.setVector(index, place, octets);
    return index;
  }

  flush(descriptor: number): void {
    const { headers } = this;
    let next = 0;
    while (next < this.#queued) {
      const sent = this.#calls.sendmmsg(descriptor, headers.addressFrom(next), this.#queued - next, 0);
      if (sent > 0) next += sent;
      else next += this.#refused(this.#queued - next);
    }
    this.#queued = 0;
    this.#copied = 0;
  }

  /** Decides on the first of `waiting` messages, which the kernel did not take; answers how many were dropped. */
  #refused(waiting: number): number {
    switch (this.#calls.errno()) {
      case errno.EINTR:
        return 0;
      case errno.EAGAIN:
      case errno.ENOBUFS:
      case errno.ENOMEM:
        this.#drops.drop('send-buffer-full', waiting);
        return waiting;
      default:
        // A route, a size, a firewall: wrong with this one message only.
        this.#drops.drop('send-failed');
        return 1;
    }
  }

  #copy(memory: Uint8Array, offset: number, octets: number): number {
    const place = this.#copies + this.#copied;
    const { bytes } = this.#arena;
    // Octet by octet: a view for each packet would be an allocation for each packet.
    for (let index = 0; index < octets; index++) bytes[place + index] = memory[offset + index]!;
    this.#copied += octets;
    return place;
  }
}
