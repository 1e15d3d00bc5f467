import type { Allocator, Arena } from '../../kernel/arena.ts';
import { errno } from '../../kernel/errno.ts';
import { MessageHeaders, reportLost, vectorOctets } from '../../kernel/message-headers.ts';
import type { SystemCalls } from '../../kernel/system-calls.ts';
import type { Sender } from './sender.ts';

export interface SeparateDatagramsParts {
  readonly calls: Pick<SystemCalls, 'sendmmsg' | 'errno'>;
  readonly arena: Arena;
  readonly nameOctets: number;
  /** The part of the arena to reserve memory in; all of it by default. */
  readonly room?: Allocator;
}

/** A message of several datagrams, by offsets in the arena. */
export interface JoinedMessage {
  /** The destination's socket address. */
  readonly name: number;
  /** The first `struct iovec`, and the end of the last one: each datagram is one or more whole vectors. */
  readonly vector: number;
  readonly end: number;
  /** Octets of each datagram; the last one may be shorter. */
  readonly datagramOctets: number;
}

/** Sends what the kernel did not take as one message: each of its datagrams leaves as a message of its own. */
export class SeparateDatagrams {
  readonly #parts: SeparateDatagramsParts;
  readonly #headers: MessageHeaders;
  /** Where the vectors of each datagram begin, and where the last one's end. */
  readonly #vectors: Uint32Array;

  /** `count`: datagrams in one message at most. */
  constructor(parts: SeparateDatagramsParts, count: number) {
    this.#parts = parts;
    this.#headers = new MessageHeaders(parts.arena, { count, nameOctets: parts.nameOctets }, parts.room);
    this.#vectors = new Uint32Array(count + 1);
  }

  /** Sends the datagrams of a message that the kernel refused, which happens once for thousands of messages. */
  send(sender: Sender, { name, vector, end, datagramOctets }: JoinedMessage): void {
    const headers = this.#headers;
    const words = this.#parts.arena.uint32;
    let count = 0;
    for (let at = vector; at < end; count++) {
      const first = at;
      this.#vectors[count] = first;
      for (let octets = 0; octets < datagramOctets && at < end; at += vectorOctets) octets += words[(at + 8) >>> 2]!;
      headers.setVectors(count, first, (at - first) / vectorOctets);
      headers.setSegmentOctets(count, 0);
      const copy = headers.nameOffset(count) >>> 2;
      for (let word = 0; word < headers.nameOctets >>> 2; word++) words[copy + word] = words[(name >>> 2) + word]!;
    }
    this.#vectors[count] = end;
    this.#sendAll(sender, count);
  }

  #sendAll({ descriptor, drops }: Sender, count: number): void {
    const { arena, calls } = this.#parts;
    const vectors = this.#vectors;
    let next = 0;
    while (next < count) {
      const sent = calls.sendmmsg(descriptor, this.#headers.addressFrom(next), count - next, 0);
      if (sent > 0) {
        next += sent;
        continue;
      }
      switch (calls.errno()) {
        case errno.EINTR:
          break;
        case errno.EAGAIN:
        case errno.ENOBUFS:
        case errno.ENOMEM:
          drops.drop('send-buffer-full', count - next);
          reportLost(arena, drops, vectors[next]!, vectors[count]!);
          return;
        default:
          drops.drop('send-failed');
          reportLost(arena, drops, vectors[next]!, vectors[next + 1]!);
          next++;
      }
    }
  }
}
