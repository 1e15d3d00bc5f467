import type { Milliseconds } from '@navalis/engine';
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

  constructor(table: PeerTable) {
    this.#table = table;
    this.#times = new Float64Array(bubbleBudget * (table.capacity + 1));
    this.#counts = new Uint8Array(table.capacity + 1);
    this.#places = new Uint8Array(table.capacity + 1);
    table.onRemoval(this);
  }

  /** Returns true if a burst may leave now (CL-B-07, CL-B-08). */
  allows(peer: PeerIndex, now: Milliseconds): boolean {
    return now - this.#table.lastTransmission(peer) >= bubbleSpacingMs && !this.isSpent(peer, now);
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
