import { solicitationsPerAttempt } from '../constants.ts';
import type { PeerIndex, PeerRemovalListener, PeerTable } from '../peers/peer-table.ts';

/** How often peers that fell silent were solicited directly in the running attempt (RFC 6081 5.7.1). */
export class Solicitations implements PeerRemovalListener {
  readonly #counts: Uint8Array;
  /** 1 for a peer of which only an advertisement shows that packets reach it. */
  readonly #isVerified: Uint8Array;

  constructor(table: PeerTable) {
    this.#counts = new Uint8Array(table.capacity + 1);
    this.#isVerified = new Uint8Array(table.capacity + 1);
    table.onRemoval(this);
  }

  /** Returns the solicitations of the running attempt, or of the last one while the peer has not been heard since. */
  count(peer: PeerIndex): number {
    return this.#counts[peer]!;
  }

  /** Returns true while further solicitations are to leave. */
  isOpen(peer: PeerIndex): boolean {
    const count = this.#counts[peer]!;
    return count > 0 && count < solicitationsPerAttempt;
  }

  /** The attempt fails when the last solicitation is not answered either. */
  verify(peer: PeerIndex): void {
    this.#isVerified[peer] = 1;
  }

  isVerified(peer: PeerIndex): boolean {
    return this.#isVerified[peer] === 1;
  }

  /** Counts one more; returns true if it was the last one (SLR-05). */
  record(peer: PeerIndex): boolean {
    this.#counts[peer]! += 1;
    return this.#counts[peer]! >= solicitationsPerAttempt;
  }

  /** The peer was heard, or another attempt begins. */
  clear(peer: PeerIndex): void {
    this.#counts[peer] = 0;
    this.#isVerified[peer] = 0;
  }

  peerRemoved(peer: PeerIndex): void {
    this.clear(peer);
  }
}
