import type { PeerIndex, PeerRemovalListener, PeerTable } from '../peers/peer-table.ts';

/** Peers whose bubbles came from another endpoint than their addresses embed: their NATs are symmetric (RFC 6081 5.3.4.1). */
export class SymmetricPeers implements PeerRemovalListener {
  readonly #flags: Uint8Array;

  constructor(table: PeerTable) {
    this.#flags = new Uint8Array(table.rowCount);
    table.onRemoval(this);
  }

  /** Sets the flag of the peer; returns true if it was not set (UPNP-12). */
  mark(peer: PeerIndex): boolean {
    const isNew = this.#flags[peer] === 0;
    this.#flags[peer] = 1;
    return isNew;
  }

  has(peer: PeerIndex): boolean {
    return this.#flags[peer] === 1;
  }

  peerRemoved(peer: PeerIndex): void {
    this.#flags[peer] = 0;
  }
}
