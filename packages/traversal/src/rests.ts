import type { Milliseconds } from '@navalis/engine';
import type { BubbleBudget } from './bubble-budget.ts';
import { attemptMs, restMs, usualBursts, usualBurstsOfAttempt } from './choices.ts';
import type { PeerIndex, PeerRemovalListener, PeerTable } from './peers/peer-table.ts';

const never = Number.NEGATIVE_INFINITY;

/**
 * Which peers answer through their server alone, perhaps because their NAT takes an early bubble for its own (DD-45): they
 * are left alone until it has forgotten, and then sent an indirect bubble without a direct one, so that the peer speaks first.
 */
export class Rests implements PeerRemovalListener {
  readonly #table: PeerTable;
  readonly #budget: BubbleBudget;
  /** 1 for a peer that was heard through its server and not straight since. */
  readonly #isHeard: Uint8Array;
  /** 1 for a peer that was reached after a rest. */
  readonly #isReached: Uint8Array;
  /** When the first burst after the last rest left. */
  readonly #restedAt: Float64Array;

  constructor(table: PeerTable, budget: BubbleBudget) {
    this.#table = table;
    this.#budget = budget;
    this.#isHeard = new Uint8Array(table.capacity + 1);
    this.#isReached = new Uint8Array(table.capacity + 1);
    this.#restedAt = new Float64Array(table.capacity + 1).fill(never);
    table.onRemoval(this);
  }

  /** An indirect bubble came from the peer. */
  recordIndirect(peer: PeerIndex): void {
    this.#isHeard[peer] = 1;
  }

  /** Something came straight from the peer. */
  recordDirect(peer: PeerIndex, now: Milliseconds): void {
    this.#isHeard[peer] = 0;
    if (this.#isFollowUp(peer, now)) this.#isReached[peer] = 1;
  }

  /** The peer is sent the first burst after a rest. */
  end(peer: PeerIndex, now: Milliseconds): void {
    this.#restedAt[peer] = now;
  }

  /** Whether no attempt may begin. */
  isResting(peer: PeerIndex, now: Milliseconds): boolean {
    return this.#isOutOfReach(peer, usualBursts) && !this.#hasRested(peer, now);
  }

  /** Whether an attempt may send no more bursts, so that one is left for after the rest. */
  isHeldBack(peer: PeerIndex, now: Milliseconds): boolean {
    const isOutOfReach = this.#isOutOfReach(peer, usualBurstsOfAttempt);
    return isOutOfReach && !this.#hasRested(peer, now) && !this.#isFollowUp(peer, now);
  }

  /** Whether the burst that leaves now is the first after a rest. */
  isOver(peer: PeerIndex, now: Milliseconds): boolean {
    return (this.#isOutOfReach(peer, usualBursts) || this.#isReached[peer] === 1) && this.#hasRested(peer, now);
  }

  peerRemoved(peer: PeerIndex): void {
    this.#isHeard[peer] = 0;
    this.#isReached[peer] = 0;
    this.#restedAt[peer] = never;
  }

  #isOutOfReach(peer: PeerIndex, bursts: number): boolean {
    return this.#isHeard[peer] === 1 && this.#budget.count(peer) >= bursts;
  }

  /** Whether the attempt that began after a rest still runs. */
  #isFollowUp(peer: PeerIndex, now: Milliseconds): boolean {
    return now - this.#restedAt[peer]! <= attemptMs;
  }

  #hasRested(peer: PeerIndex, now: Milliseconds): boolean {
    return now - this.#table.lastTransmission(peer) >= restMs;
  }
}
