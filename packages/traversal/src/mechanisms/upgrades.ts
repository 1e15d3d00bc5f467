import type { Milliseconds } from '@navalis/engine';
import { firstTrialMs, trialWaits, upgradeCheckMs } from '../choices.ts';
import { LinkedLists } from '../peers/linked-lists.ts';
import { noPeer, type PeerIndex, type PeerRemovalListener, type PeerTable } from '../peers/peer-table.ts';

/** Lists 1 to 8 hold the peers that were tried so often, the last one those that are checked. All in a list wait equally long. */
const none = 0;
const checked = trialWaits + 1;

/**
 * When each peer is next tried without the relay, or checked whether it is still reached so. The wait after a trial is 2 s, and twice
 * as long after each further one, up to 256 s; the wait for a check is 10 s.
 */
export class Upgrades implements PeerRemovalListener {
  readonly #listOf: Uint8Array;
  readonly #since: Float64Array;
  readonly #order: LinkedLists;

  constructor(table: PeerTable) {
    this.#listOf = new Uint8Array(table.rowCount);
    this.#since = new Float64Array(table.rowCount);
    this.#order = new LinkedLists(checked + 1, table.capacity);
    table.onRemoval(this);
  }

  /** Returns true if another trial follows the last one. */
  isTried(peer: PeerIndex): boolean {
    return this.#listOf[peer] !== none && this.#listOf[peer] !== checked;
  }

  /** Returns the time since when the peer waits. */
  since(peer: PeerIndex): Milliseconds {
    return this.#since[peer]!;
  }

  /** Counts one more trial in a row. */
  recordTrial(peer: PeerIndex, now: Milliseconds): void {
    this.#join(peer, this.isTried(peer) ? Math.min(trialWaits, this.#listOf[peer]! + 1) : 1, now);
  }

  /** The next trial is the first. */
  startOver(peer: PeerIndex, now: Milliseconds): void {
    this.#join(peer, 1, now);
  }

  check(peer: PeerIndex, now: Milliseconds): void {
    this.#join(peer, checked, now);
  }

  end(peer: PeerIndex): void {
    if (this.#listOf[peer] === none) return;
    this.#order.remove(this.#listOf[peer]!, peer);
    this.#listOf[peer] = none;
  }

  /** Returns a peer whose wait is over, or `noPeer`. The caller has it wait again or ends that, this time or the next. */
  due(now: Milliseconds): PeerIndex {
    for (let list = 1; list <= checked; list++) if (this.#deadlineOf(list) <= now) return this.#order.head(list);
    return noPeer;
  }

  nextDeadline(): Milliseconds {
    let next = Number.POSITIVE_INFINITY;
    for (let list = 1; list <= checked; list++) next = Math.min(next, this.#deadlineOf(list));
    return next;
  }

  peerRemoved(peer: PeerIndex): void {
    this.end(peer);
  }

  #join(peer: PeerIndex, list: number, now: Milliseconds): void {
    this.end(peer);
    this.#listOf[peer] = list;
    this.#since[peer] = now;
    this.#order.append(list, peer);
  }

  #deadlineOf(list: number): Milliseconds {
    const first = this.#order.head(list);
    if (first === noPeer) return Number.POSITIVE_INFINITY;
    return this.#since[first]! + (list === checked ? upgradeCheckMs : firstTrialMs * 2 ** (list - 1));
  }
}
