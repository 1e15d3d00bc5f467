import type { Milliseconds } from '@navalis/engine';
import { earlyRepetitionMs, earlyRepetitions } from '../choices.ts';
import { burstsPerAttempt, burstTimeoutMs } from '../constants.ts';
import { LinkedLists } from '../peers/linked-lists.ts';
import { noPeer, type PeerIndex, type PeerRemovalListener, type PeerTable } from '../peers/peer-table.ts';
import type { PeerTraffic } from '../peers/peer-traffic.ts';

const everyAttempt = 0;

/**
 * Attempts to reach peers: a burst at 0, 2, 4 and 6 s, failure at 8 s (DD-03, DD-04). Since all wait equally long, the
 * attempts stand in the order of their deadlines, and the first one's is the next. At most one per peer.
 */
export class Attempts implements PeerRemovalListener {
  readonly #order: LinkedLists;
  readonly #deadlines: Float64Array;
  readonly #bursts: Uint8Array;
  /** How often the first burst was repeated before its time was over. */
  readonly #repetitions: Uint8Array;
  readonly #traffic: PeerTraffic;

  constructor(table: PeerTable) {
    this.#order = new LinkedLists(1, table.capacity);
    this.#deadlines = new Float64Array(table.rowCount);
    this.#bursts = new Uint8Array(table.rowCount);
    this.#repetitions = new Uint8Array(table.rowCount);
    this.#traffic = table.traffic;
    table.onRemoval(this);
  }

  isRunning(peer: PeerIndex): boolean {
    return this.#bursts[peer]! > 0;
  }

  /** Bursts of the running attempt, 0 when none runs. */
  bursts(peer: PeerIndex): number {
    return this.#bursts[peer]!;
  }

  /** Counts a burst, the first of an attempt or a later one, and starts the wait for its answer. */
  burst(peer: PeerIndex, now: Milliseconds): void {
    if (this.isRunning(peer)) this.#order.remove(everyAttempt, peer);
    this.#bursts[peer]! += 1;
    this.#deadlines[peer] = now + burstTimeoutMs;
    this.#order.append(everyAttempt, peer);
  }

  /** Returns true if the first burst may be repeated early: 0.3, 0.6 and 0.9 s after it. */
  mayRepeat(peer: PeerIndex, now: Milliseconds): boolean {
    const repetitions = this.#repetitions[peer]!;
    if (this.#bursts[peer] !== 1 || repetitions === earlyRepetitions) return false;
    return now - (this.#deadlines[peer]! - burstTimeoutMs) >= (repetitions + 1) * earlyRepetitionMs;
  }

  /** Counts an early repetition; the answer no longer tells the round trip. Nothing happens when no attempt runs. */
  repeat(peer: PeerIndex): void {
    if (this.isRunning(peer)) this.#repetitions[peer] = Math.min(earlyRepetitions, this.#repetitions[peer]! + 1);
  }

  /** Returns true if the attempt has had all its bursts; when it is due after that, it failed. */
  isSpent(peer: PeerIndex): boolean {
    return this.#bursts[peer]! >= burstsPerAttempt;
  }

  /** Ends the attempt, since the peer is reached. The answer to a single burst tells the round trip; that to one of several does not. */
  succeed(peer: PeerIndex, now: Milliseconds): void {
    const isSingle = this.#bursts[peer] === 1 && this.#repetitions[peer] === 0;
    if (isSingle) this.#traffic.recordRoundTrip(peer, now - (this.#deadlines[peer]! - burstTimeoutMs));
    this.end(peer);
  }

  /** Ends the attempt, successful or not; nothing happens when none runs. */
  end(peer: PeerIndex): void {
    if (!this.isRunning(peer)) return;
    this.#order.remove(everyAttempt, peer);
    this.#bursts[peer] = 0;
    this.#repetitions[peer] = 0;
  }

  /** Returns a peer whose last burst was not answered in time, or `noPeer`. The caller sends another burst or ends it. */
  due(now: Milliseconds): PeerIndex {
    const peer = this.#order.head(everyAttempt);
    return peer !== noPeer && this.#deadlines[peer]! <= now ? peer : noPeer;
  }

  nextDeadline(): Milliseconds {
    const peer = this.#order.head(everyAttempt);
    return peer === noPeer ? Number.POSITIVE_INFINITY : this.#deadlines[peer]!;
  }

  peerRemoved(peer: PeerIndex): void {
    this.end(peer);
  }
}
