import type { Milliseconds } from '@navalis/engine';
import type { PeerIndex, PeerRemovalListener, PeerTable } from '@navalis/traversal';
import { askSpacingMs, elsewhereSilenceMs, movesInRow, nativeSilenceMs, teredoSilenceMs } from './choices.ts';

const never = Number.NEGATIVE_INFINITY;

/**
 * Trusted peers that are silent while packets go out to them, or while they are heard elsewhere: the start of the silence, the times of
 * the last tests, and the moves that permitted others sooner. Four numbers per peer.
 */
export class Silence implements PeerRemovalListener {
  readonly #table: PeerTable;
  /** The time of the first packet sent since the peer was last heard; an earlier time if there was none. */
  readonly #firstUnanswered: Float64Array;
  /** When an attempt began because packets went unanswered. */
  readonly #askedAt: Float64Array;
  /** When a single request left because the peer was heard elsewhere. */
  readonly #followedAt: Float64Array;
  /** Until when the moves of a peer count, each for the time between tests. */
  readonly #movesCountUntil: Float64Array;

  constructor(table: PeerTable) {
    this.#table = table;
    const times = () => new Float64Array(table.capacity + 1).fill(never);
    this.#firstUnanswered = times();
    this.#askedAt = times();
    this.#followedAt = times();
    this.#movesCountUntil = times();
    table.onRemoval(this);
  }

  /** Records a packet sent to the peer. Returns true if the peer has been silent for 0.5 s of such packets, a Teredo peer for 2 s. */
  isSilentAfter(peer: PeerIndex, now: Milliseconds): boolean {
    const since = this.#firstUnanswered[peer]!;
    if (since <= this.#table.lastReception(peer)) {
      this.#firstUnanswered[peer] = now;
      return false;
    }
    return now - since >= (this.#table.isTeredo(peer) ? teredoSilenceMs : nativeSilenceMs);
  }

  /**
   * Returns true if an attempt may begin for the silent peer: once in 30 s, and not just after a request that its packets from elsewhere
   * caused.
   */
  mayAsk(peer: PeerIndex, now: Milliseconds): boolean {
    return now - this.#askedAt[peer]! >= askSpacingMs && now - this.#followedAt[peer]! >= nativeSilenceMs;
  }

  /** Returns true if a peer that is heard elsewhere is silent at its trusted endpoint, and may be sent a request: once in 30 s. */
  mayFollow(peer: PeerIndex, now: Milliseconds): boolean {
    const isSilent = now - this.#table.lastReception(peer) >= elsewhereSilenceMs;
    return isSilent && now - this.#followedAt[peer]! >= askSpacingMs;
  }

  asked(peer: PeerIndex, now: Milliseconds): void {
    this.#askedAt[peer] = now;
  }

  followed(peer: PeerIndex, now: Milliseconds): void {
    this.#followedAt[peer] = now;
  }

  /**
   * The peer answered a test through another relay, which may end as soon: it may be tested again at once. Four moves in a row do that,
   * and then one in 30 s, so that a host behind relays that alternate causes few tests.
   */
  moved(peer: PeerIndex, now: Milliseconds): void {
    const until = Math.max(now, this.#movesCountUntil[peer]!) + askSpacingMs;
    if (until - now > movesInRow * askSpacingMs) return;
    this.#movesCountUntil[peer] = until;
    this.#askedAt[peer] = never;
    this.#followedAt[peer] = never;
  }

  peerRemoved(peer: PeerIndex): void {
    this.#firstUnanswered[peer] = never;
    this.#askedAt[peer] = never;
    this.#followedAt[peer] = never;
    this.#movesCountUntil[peer] = never;
  }
}
