import type { Milliseconds } from '@navalis/engine';
import { repliesPerSecond, repliesPerSpacing, repliesPerWindow } from './choices.ts';
import { bubbleBudgetWindowMs, bubbleSpacingMs } from './constants.ts';
import type { PeerIndex, PeerRemovalListener, PeerTable } from './peers/peer-table.ts';

/**
 * Limits on bubbles that answer bubbles (CL-B-09): 4 per peer in 2 s, 20 per peer in 300 s, 100 per second over all. A
 * window begins with the first reply after the last one ended.
 */
export class ReplyLimits implements PeerRemovalListener {
  readonly #shortStarts: Float64Array;
  readonly #shortCounts: Uint8Array;
  readonly #longStarts: Float64Array;
  readonly #longCounts: Uint8Array;
  #secondStart: Milliseconds = Number.NEGATIVE_INFINITY;
  #secondCount = 0;

  constructor(table: PeerTable) {
    this.#shortStarts = new Float64Array(table.rowCount);
    this.#shortCounts = new Uint8Array(table.rowCount);
    this.#longStarts = new Float64Array(table.rowCount);
    this.#longCounts = new Uint8Array(table.rowCount);
    table.onRemoval(this);
  }

  /** Counts a reply to the peer if it may leave now; false when a limit is reached. */
  take(peer: PeerIndex, now: Milliseconds): boolean {
    this.#forgetEnded(peer, now);
    if (
      this.#shortCounts[peer]! >= repliesPerSpacing ||
      this.#longCounts[peer]! >= repliesPerWindow ||
      this.#secondCount >= repliesPerSecond
    ) {
      return false;
    }
    if (this.#shortCounts[peer] === 0) this.#shortStarts[peer] = now;
    if (this.#longCounts[peer] === 0) this.#longStarts[peer] = now;
    if (this.#secondCount === 0) this.#secondStart = now;
    this.#shortCounts[peer]! += 1;
    this.#longCounts[peer]! += 1;
    this.#secondCount += 1;
    return true;
  }

  /** Returns true while less than half of each limit is used: bubbles that no known server passed on leave the rest to others. */
  hasSpare(peer: PeerIndex, now: Milliseconds): boolean {
    this.#forgetEnded(peer, now);
    return (
      2 * this.#shortCounts[peer]! < repliesPerSpacing &&
      2 * this.#longCounts[peer]! < repliesPerWindow &&
      2 * this.#secondCount < repliesPerSecond
    );
  }

  peerRemoved(peer: PeerIndex): void {
    this.#shortCounts[peer] = 0;
    this.#longCounts[peer] = 0;
  }

  #forgetEnded(peer: PeerIndex, now: Milliseconds): void {
    if (now - this.#shortStarts[peer]! >= bubbleSpacingMs) this.#shortCounts[peer] = 0;
    if (now - this.#longStarts[peer]! >= bubbleBudgetWindowMs) this.#longCounts[peer] = 0;
    if (now - this.#secondStart >= 1000) this.#secondCount = 0;
  }
}
