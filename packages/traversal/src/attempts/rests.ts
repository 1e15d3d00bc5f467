import type { Milliseconds } from '@navalis/engine';
import type { BubbleBudget } from '../bubble-budget.ts';
import { attemptMs, restMs, usualBursts, usualBurstsOfAttempt } from '../choices.ts';
import type { PeerIndex, PeerRemovalListener, PeerTable } from '../peers/peer-table.ts';

const never = Number.NEGATIVE_INFINITY;

/**
 * Peers that answer only through their server, perhaps because their NAT accepts an early bubble as its own (DD-45). They get no
 * bubbles until the NAT's entry has expired, and then an indirect bubble without a direct one, so that the peer sends first.
 */
export class Rests implements PeerRemovalListener {
  readonly #table: PeerTable;
  readonly #budget: BubbleBudget;
  /** How often a peer was heard through its server and not straight since, up to 255. */
  readonly #heard: Uint8Array;
  /** 1 for a peer that was reached after a rest. */
  readonly #isReached: Uint8Array;
  /** When the first burst after the last rest left. */
  readonly #restedAt: Float64Array;

  constructor(table: PeerTable, budget: BubbleBudget) {
    this.#table = table;
    this.#budget = budget;
    this.#heard = new Uint8Array(table.rowCount);
    this.#isReached = new Uint8Array(table.rowCount);
    this.#restedAt = new Float64Array(table.rowCount).fill(never);
    table.onRemoval(this);
  }

  /** Records an indirect bubble from the peer. */
  recordIndirect(peer: PeerIndex): void {
    this.#heard[peer] = Math.min(this.#heard[peer]! + 1, 0xff);
  }

  /** Records a direct packet from the peer. */
  recordDirect(peer: PeerIndex, now: Milliseconds): void {
    this.#heard[peer] = 0;
    if (this.#isFollowUp(peer, now)) this.#isReached[peer] = 1;
  }

  /** Records the first burst to the peer after a rest. */
  end(peer: PeerIndex, now: Milliseconds): void {
    this.#restedAt[peer] = now;
  }

  /** Returns true if no attempt may begin. */
  isResting(peer: PeerIndex, now: Milliseconds): boolean {
    return this.#isOutOfReach(peer, usualBursts) && !this.#hasRested(peer, now);
  }

  /**
   * Returns whether an attempt may send no more bursts. Two of the four in 300 s are kept for after the rest, since the first
   * of them only opens the peer's NAT. One is kept where an answer is missing, which may have been lost.
   */
  isHeldBack(peer: PeerIndex, now: Milliseconds): boolean {
    const bursts = this.#heard[peer]! >= usualBursts ? usualBursts : usualBurstsOfAttempt;
    const isOutOfReach = this.#isOutOfReach(peer, bursts);
    return isOutOfReach && !this.#hasRested(peer, now) && !this.#isFollowUp(peer, now);
  }

  /** Returns true if the burst that leaves now is the first after a rest. */
  isOver(peer: PeerIndex, now: Milliseconds): boolean {
    return (this.#isOutOfReach(peer, usualBursts) || this.#isReached[peer] === 1) && this.#hasRested(peer, now);
  }

  peerRemoved(peer: PeerIndex): void {
    this.#heard[peer] = 0;
    this.#isReached[peer] = 0;
    this.#restedAt[peer] = never;
  }

  #isOutOfReach(peer: PeerIndex, bursts: number): boolean {
    return this.#heard[peer]! > 0 && this.#budget.count(peer) >= bursts;
  }

  /** Returns true if the attempt that began after a rest still runs. */
  #isFollowUp(peer: PeerIndex, now: Milliseconds): boolean {
    return now - this.#restedAt[peer]! <= attemptMs;
  }

  #hasRested(peer: PeerIndex, now: Milliseconds): boolean {
    return now - this.#table.lastTransmission(peer) >= restMs;
  }
}
