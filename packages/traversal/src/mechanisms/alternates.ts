import type { Ipv4Value } from '@navalis/address';
import { type BubbleTrailers, mostAlternates } from '@navalis/wire';
import type { PeerIndex, PeerRemovalListener, PeerTable } from '../peers/peer-table.ts';

/** The endpoints where peers say that hosts behind their own NAT may reach them, up to four for each (RFC 6081 5.6.1). */
export class Alternates implements PeerRemovalListener {
  readonly #counts: Uint8Array;
  readonly #addresses: Uint32Array;
  readonly #ports: Uint16Array;

  constructor(table: PeerTable) {
    this.#counts = new Uint8Array(table.rowCount);
    this.#addresses = new Uint32Array(mostAlternates * table.rowCount);
    this.#ports = new Uint16Array(mostAlternates * table.rowCount);
    table.onRemoval(this);
  }

  /** Replaces the list of the peer by that of the bubble (HP-11). */
  replace(peer: PeerIndex, trailers: BubbleTrailers): void {
    this.#counts[peer] = trailers.alternateCount;
    for (let index = 0; index < trailers.alternateCount; index++) {
      this.#addresses[mostAlternates * peer + index] = trailers.alternateAddress(index);
      this.#ports[mostAlternates * peer + index] = trailers.alternatePort(index);
    }
  }

  count(peer: PeerIndex): number {
    return this.#counts[peer]!;
  }

  address(peer: PeerIndex, index: number): Ipv4Value {
    return this.#addresses[mostAlternates * peer + index]!;
  }

  port(peer: PeerIndex, index: number): number {
    return this.#ports[mostAlternates * peer + index]!;
  }

  peerRemoved(peer: PeerIndex): void {
    this.#counts[peer] = 0;
  }
}
