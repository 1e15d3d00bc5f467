import type { Milliseconds } from '@navalis/engine';
import { attemptMs } from './choices.ts';
import { bubbleBudget, bubbleBudgetWindowMs, bubbleSpacingMs } from './constants.ts';
import type { PeerIndex, PeerRemovalListener, PeerTable } from './peers/peer-table.ts';

/**
 * The limits of RFC 4380 section 5.2.6 on bubbles that we start: 2 s after the last transmission, 4 in 300 s without a
 * direct response. All bubbles of one burst count as one (DD-04).
 */
export class BubbleBudget implements PeerRemovalListener {
  readonly #table: PeerTable;
  /** Times of the last four bursts of each peer, as a ring. */
  readonly #times: Float64Array;
  /** Bursts since the last direct response, and the place in the ring for the next one. */
  readonly #counts: Uint8Array;
  readonly #places: Uint8Array;
  /** The time of the first burst since the last direct response, or in 300 s. */
  readonly #startedAt: Float64Array;

  constructor(table: PeerTable) {
    this.#table = table;
    this.#times = new Float64Array(bubbleBudget * table.rowCount);
    this.#counts = new Uint8Array(table.rowCount);
    this.#places = new Uint8Array(table.rowCount);
    this.#startedAt = new Float64Array(table.rowCount);
    table.onRemoval(this);
  }

  /** Returns true if a burst may leave now (CL-B-07, CL-B-08). */
  allows(peer: PeerIndex, now: Milliseconds): boolean {
    return now - this.#table.lastTransmission(peer) >= bubbleSpacingMs && !this.isSpent(peer, now);
  }

  /**
   * Returns true if a burst may leave that the peer's bubbles cause: within the limits, and no longer after the first than an attempt of
   * the peer lasts, whose later bubbles ask again for what may have been lost.
   */
  allowsInvitation(peer: PeerIndex, now: Milliseconds): boolean {
    const age = now - this.#startedAt[peer]!;
    const isUnderWay = age < attemptMs || age >= bubbleBudgetWindowMs;
    return this.allows(peer, now) && (this.#counts[peer] === 0 || isUnderWay);
  }

  /** Returns true if four bursts of the last 300 s got no direct response (CL-B-13). */
  isSpent(peer: PeerIndex, now: Milliseconds): boolean {
    if (this.#counts[peer]! < bubbleBudget) return false;
    // In a full ring the next place to write holds the oldest time.
    return now - this.#times[bubbleBudget * peer + this.#places[peer]!]! < bubbleBudgetWindowMs;
  }

  /** Returns true if no burst of the last 300 s is unanswered, so the history can be dropped. */
  isOver(peer: PeerIndex, now: Milliseconds): boolean {
    if (this.#counts[peer] === 0) return true;
    const newest = (this.#places[peer]! + bubbleBudget - 1) % bubbleBudget;
    return now - this.#times[bubbleBudget * peer + newest]! >= bubbleBudgetWindowMs;
  }

  /** Bursts since the last direct response, up to 4. */
  count(peer: PeerIndex): number {
    return this.#counts[peer]!;
  }

  /** Counts a burst that leaves and updates the last transmission (CL-B-05, CL-B-06). */
  record(peer: PeerIndex, now: Milliseconds): void {
    const place = this.#places[peer]!;
    if (this.#counts[peer] === 0 || now - this.#startedAt[peer]! >= bubbleBudgetWindowMs) this.#startedAt[peer] = now;
    this.#times[bubbleBudget * peer + place] = now;
    this.#places[peer] = (place + 1) % bubbleBudget;
    this.#counts[peer] = Math.min(bubbleBudget, this.#counts[peer]! + 1);
    this.#table.sent(peer, now);
  }

  /** Clears the history after a direct response (CL-P-09). */
  clear(peer: PeerIndex): void {
    this.#counts[peer] = 0;
  }

  peerRemoved(peer: PeerIndex): void {
    this.clear(peer);
  }
}
