import type { Milliseconds } from '@navalis/engine';
import type { PeerIndex, PeerRemovalListener, PeerTable } from '@navalis/traversal';
import { askSpacingMs, silenceMs } from './choices.ts';

const never = Number.NEGATIVE_INFINITY;

/**
 * Trusted peers that are silent while packets go out to them: the start of the silence, and the time of the last test. Two numbers
 * per peer.
 */
export class Silence implements PeerRemovalListener {
  readonly #table: PeerTable;
  /** The time of the first packet sent since the peer was last heard; an earlier time if there was none. */
  readonly #firstUnanswered: Float64Array;
  readonly #askedAt: Float64Array;

  constructor(table: PeerTable) {
    this.#table = table;
    this.#firstUnanswered = new Float64Array(table.capacity + 1).fill(never);
    this.#askedAt = new Float64Array(table.capacity + 1).fill(never);
    table.onRemoval(this);
  }

  /** Records a packet sent to the peer. Returns true if the peer has been silent for 2 s of such packets and may be tested. */
  isSuspectAfter(peer: PeerIndex, now: Milliseconds): boolean {
    const since = this.#firstUnanswered[peer]!;
    if (since <= this.#table.lastReception(peer)) {
      this.#firstUnanswered[peer] = now;
      return false;
    }
    return now - since >= silenceMs && this.#mayAsk(peer, now);
  }

  /** Returns true if a peer that seems to be heard elsewhere has been silent for 2 s at its trusted endpoint, and may be tested. */
  mayHaveMoved(peer: PeerIndex, now: Milliseconds): boolean {
    return now - this.#table.lastReception(peer) >= silenceMs && this.#mayAsk(peer, now);
  }

  asked(peer: PeerIndex, now: Milliseconds): void {
    this.#askedAt[peer] = now;
  }

  peerRemoved(peer: PeerIndex): void {
    this.#firstUnanswered[peer] = never;
    this.#askedAt[peer] = never;
  }

  /** Returns true if the peer was not tested in the last 30 s: an idle peer causes one test in that time. */
  #mayAsk(peer: PeerIndex, now: Milliseconds): boolean {
    return now - this.#askedAt[peer]! >= askSpacingMs;
  }
}
