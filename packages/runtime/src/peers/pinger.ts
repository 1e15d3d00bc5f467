import type { Ipv6Value } from '@navalis/address';
import {
  createPacketRun,
  type DropReason,
  type Milliseconds,
  type PacketRun,
  pointRunAt,
  type RandomSource,
} from '@navalis/engine';
import { echoDataOffset, echoIdentifierOffset, echoSequenceOffset, isEchoReply, writeEchoRequest } from '@navalis/wire';
import type { PingRequest, WatchEvent } from './peer-watch.ts';

/** Our choice, as `ping` does it: one request a second. */
const intervalMs = 1000;
/** Our choice: an attempt to reach a peer takes 8 s at most. */
const replyLimitMs = 10_000;
const dataOctets = 32;
const hopLimit = 64;

/** The collaborators of a pinger. */
interface PingerParts {
  readonly request: PingRequest;
  readonly peer: Ipv6Value;
  readonly random: RandomSource;
  readonly now: Milliseconds;
  readonly tell: (event: WatchEvent) => void;
}

/** Sends echo requests to one peer as its host would, and recognises the replies. */
export class Pinger {
  readonly #request: PingRequest;
  readonly #peer: Ipv6Value;
  readonly #tell: (event: WatchEvent) => void;
  readonly #run: PacketRun = createPacketRun(new Uint8Array(echoDataOffset + dataOctets));
  readonly #identifier: number;
  readonly #data: Uint8Array = new Uint8Array(dataOctets);
  /** When each request that waits for its reply was sent, by its number. */
  readonly #waiting = new Map<number, Milliseconds>();
  #sequence = 0;
  #nextAt: Milliseconds;
  #isDone = false;

  constructor({ request, peer, random, now, tell }: PingerParts) {
    this.#request = request;
    this.#peer = peer;
    this.#tell = tell;
    random.fill(this.#data);
    this.#identifier = (this.#data[0]! << 8) | this.#data[1]!;
    this.#nextAt = now;
  }

  nextDeadline(): Milliseconds {
    const [oldest] = this.#waiting.values();
    return this.#isDone
      ? Number.POSITIVE_INFINITY
      : Math.min(this.#nextAt, oldest === undefined ? this.#nextAt : oldest + replyLimitMs);
  }

  /**
   * Sends the next request if it is due, through `take`, which returns why it is dropped, or undefined; gives up replies that are late.
   */
  handleDeadline(now: Milliseconds, take: (run: PacketRun) => DropReason | undefined): void {
    for (const [sequence, sentAt] of this.#waiting) {
      if (now - sentAt < replyLimitMs) break;
      this.#waiting.delete(sequence);
      this.#tell({ kind: 'no-reply', sequence });
    }
    if (now >= this.#nextAt) {
      this.#sequence += 1;
      this.#nextAt = this.#sequence === this.#request.count ? Number.POSITIVE_INFINITY : now + intervalMs;
      this.#waiting.set(this.#sequence, now);
      const { source } = this.#request;
      const [identifier, sequence] = [this.#identifier, this.#sequence & 0xffff];
      const fields = { source, destination: this.#peer, identifier, sequence, hopLimit, data: this.#data };
      pointRunAt(this.#run, 0, writeEchoRequest(this.#run.memory, 0, fields));
      this.#tell({ kind: 'request', sequence: this.#sequence });
      const reason = take(this.#run);
      if (reason !== undefined) {
        this.#waiting.delete(this.#sequence);
        this.#tell({ kind: 'no-reply', sequence: this.#sequence, reason });
      }
    }
    this.#endIfDone();
  }

  /** Returns true if the packet, which comes from the peer, is the reply to a request of this ping. */
  takeReply({ memory, offset }: PacketRun, now: Milliseconds): boolean {
    if (!isEchoReply(memory, offset) || this.#word(memory, offset + echoIdentifierOffset) !== this.#identifier)
      return false;
    const low = this.#word(memory, offset + echoSequenceOffset);
    for (const [sequence, sentAt] of this.#waiting) {
      if ((sequence & 0xffff) !== low) continue;
      this.#waiting.delete(sequence);
      this.#tell({ kind: 'reply', sequence, roundTripMs: now - sentAt });
      this.#endIfDone();
      return true;
    }
    return true;
  }

  #endIfDone(): void {
    if (this.#isDone || this.#nextAt < Number.POSITIVE_INFINITY || this.#waiting.size > 0) return;
    this.#isDone = true;
    this.#tell({ kind: 'done' });
  }

  #word(memory: Uint8Array, offset: number): number {
    return (memory[offset]! << 8) | memory[offset + 1]!;
  }
}
