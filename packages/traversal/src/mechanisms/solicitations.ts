import type { PeerIndex, PeerRemovalListener, PeerTable } from '../peers/peer-table.ts';

/**
 * The reasons to solicit a peer directly: it fell silent (`wake`); it is heard, but the attempt fails unless it says that packets reach
 * it (`verify`); it was sent the nonce that it needs, which may have been lost (`confirm`).
 */
export const solicitationPurposes = { none: 0, wake: 1, verify: 2, confirm: 3 } as const;
export type SolicitationPurpose = (typeof solicitationPurposes)[keyof typeof solicitationPurposes];

/** How often and why peers were solicited directly in the running attempt (RFC 6081 5.7.1). */
export class Solicitations implements PeerRemovalListener {
  readonly #counts: Uint8Array;
  readonly #purposes: Uint8Array;

  constructor(table: PeerTable) {
    this.#counts = new Uint8Array(table.rowCount);
    this.#purposes = new Uint8Array(table.rowCount);
    table.onRemoval(this);
  }

  /** Returns the solicitations of the running attempt, or of the last one while the peer has not been heard since. */
  count(peer: PeerIndex): number {
    return this.#counts[peer]!;
  }

  purpose(peer: PeerIndex): SolicitationPurpose {
    return this.#purposes[peer]! as SolicitationPurpose;
  }

  /** Begins to count from 0. */
  begin(peer: PeerIndex, purpose: SolicitationPurpose): void {
    this.#counts[peer] = 0;
    this.#purposes[peer] = purpose;
  }

  record(peer: PeerIndex): void {
    this.#counts[peer]! += 1;
  }

  /** No more leave; the count stays. */
  stop(peer: PeerIndex): void {
    this.#purposes[peer] = solicitationPurposes.none;
  }

  /** The peer was heard, or another attempt begins. */
  clear(peer: PeerIndex): void {
    this.begin(peer, solicitationPurposes.none);
  }

  peerRemoved(peer: PeerIndex): void {
    this.clear(peer);
  }
}
