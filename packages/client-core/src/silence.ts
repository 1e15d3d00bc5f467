import type { Milliseconds } from '@navalis/engine';
import type { PeerIndex, PeerRemovalListener, PeerTable } from '@navalis/traversal';
import { askSpacingMs, earlyTests, nativeSilenceMs, teredoSilenceMs } from './choices.ts';

const never = Number.NEGATIVE_INFINITY;

/**
 * Trusted peers that are silent while packets go out to them, or while they are heard elsewhere: the start of the silence, the times of
 * the last tests and of their answer, and the tests that came early. Five numbers per peer.
 */
export class Silence implements PeerRemovalListener {
  readonly #table: PeerTable;
  /** The time of the first packet sent since the peer was last heard; an earlier time if there was none. */
  readonly #firstUnanswered: Float64Array;
  /** When an attempt began because packets went unanswered. */
  readonly #askedAt: Float64Array;
  /** When a single request left because the peer was heard elsewhere. */
  readonly #followedAt: Float64Array;
  /** When the peer last answered a test. */
  readonly #answeredAt: Float64Array;
  /** Until when early tests count, each for the usual time between tests. */
  readonly #earlyUntil: Float64Array;

  constructor(table: PeerTable) {
    this.#table = table;
    const times = () => new Float64Array(table.rowCount).fill(never);
    this.#firstUnanswered = times();
    this.#askedAt = times();
    this.#followedAt = times();
    this.#answeredAt = times();
    this.#earlyUntil = times();
    table.onRemoval(this);
  }

  /** Records a packet sent to the peer. Returns true if the peer has been silent for 0.3 s of such packets, a Teredo peer for 2 s. */
  isSilentAfter(peer: PeerIndex, now: Milliseconds): boolean {
    const since = this.#firstUnanswered[peer]!;
    if (since <= this.#table.lastReception(peer)) {
      this.#firstUnanswered[peer] = now;
      return false;
    }
    return now - since >= (this.#table.isTeredo(peer) ? teredoSilenceMs : nativeSilenceMs);
  }

  /**
   * Returns true if an attempt may begin for the silent peer, but not just after a request that its packets from elsewhere caused: 30 s
   * after the last one, or early if the peer was heard since, other than by its answer. Its test was only late then, or its relay changed.
   */
  mayAsk(peer: PeerIndex, now: Milliseconds): boolean {
    if (now - this.#followedAt[peer]! < nativeSilenceMs) return false;
    if (now - this.#askedAt[peer]! >= askSpacingMs) return true;
    const wasHeard = this.#table.lastReception(peer) > Math.max(this.#askedAt[peer]!, this.#answeredAt[peer]!);
    return wasHeard && !this.#table.isTeredo(peer) && this.#mayBeEarly(peer, now);
  }

  /** Returns true if a peer that is heard elsewhere is silent at its trusted endpoint, and may be sent a request: once in 30 s. */
  mayFollow(peer: PeerIndex, now: Milliseconds): boolean {
    const isSilent = now - this.#table.lastReception(peer) >= nativeSilenceMs;
    return isSilent && now - this.#followedAt[peer]! >= askSpacingMs;
  }

  asked(peer: PeerIndex, now: Milliseconds): void {
    if (now - this.#askedAt[peer]! < askSpacingMs) this.#recordEarly(peer, now);
    this.#askedAt[peer] = now;
  }

  followed(peer: PeerIndex, now: Milliseconds): void {
    this.#followedAt[peer] = now;
  }

  /**
   * The peer answered a test, which matters for native hosts. If it moved to another relay, which may end as soon, it may be followed to
   * the next one early.
   */
  answered(peer: PeerIndex, isMove: boolean, now: Milliseconds): void {
    this.#answeredAt[peer] = now;
    if (!isMove || !this.#mayBeEarly(peer, now)) return;
    this.#recordEarly(peer, now);
    this.#followedAt[peer] = never;
  }

  /** Forgets when the peer was asked. The other two times are before the next peer in its row is heard, and say nothing of that one. */
  peerRemoved(peer: PeerIndex): void {
    this.#askedAt[peer] = never;
    this.#followedAt[peer] = never;
    this.#earlyUntil[peer] = never;
  }

  /** Returns true if less than eight early tests count: eight in a row, then one in 30 s, whatever the peer does. */
  #mayBeEarly(peer: PeerIndex, now: Milliseconds): boolean {
    return this.#earlyUntil[peer]! - now <= (earlyTests - 1) * askSpacingMs;
  }

  #recordEarly(peer: PeerIndex, now: Milliseconds): void {
    this.#earlyUntil[peer] = Math.max(now, this.#earlyUntil[peer]!) + askSpacingMs;
  }
}
