import type { Allocator, Arena } from '../../kernel/arena.ts';
import { errno } from '../../kernel/errno.ts';
import { MessageHeaders, reportLost, vectorOctets } from '../../kernel/message-headers.ts';
import type { SystemCalls } from '../../kernel/system-calls.ts';
import type { Sender } from './sender.ts';

export interface SeparateDatagramsParts {
  readonly calls: Pick<SystemCalls, 'sendmmsg' | 'errno'>;
  readonly arena: Arena;
  readonly nameOctets: number;
  /** Where memory is reserved; all of the arena by default. */
  readonly room?: Allocator;
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

  /**
   * To the socket address at `name`, what the `struct iovec` from `vector` up to `end` stand for: datagrams of
   * `datagramOctets`, each of one or more whole vectors, the last with what is left. All are offsets in the arena.
   */
  send(sender: Sender, name: number, vector: number, end: number, datagramOctets: number): void {
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
