import type { Ipv6Value } from '@navalis/address';
import {
  type Milliseconds,
  type PeerPathKind,
  type PeerRows,
  type PeerSort,
  peerColumns,
  peerPathKinds,
} from '@navalis/engine';

/** The peers of a client behind a TURN server, with the paths as they are outside the client. */
export class RelayedPeerRows implements PeerRows {
  readonly #rows: PeerRows;

  constructor(rows: PeerRows) {
    this.#rows = rows;
  }

  get highestRow(): number {
    return this.#rows.highestRow;
  }

  get count(): number {
    return this.#rows.count;
  }

  find(address: Ipv6Value): number {
    return this.#rows.find(address);
  }

  isInUse(row: number): boolean {
    return this.#rows.isInUse(row);
  }

  keyOf(row: number, sort: PeerSort): number {
    return this.#rows.keyOf(row, sort);
  }

  read(row: number, into: Float64Array, offset: number, now: Milliseconds): void {
    this.#rows.read(row, into, offset, now);
    const kind = peerPathKinds[into[offset + peerColumns.path]!];
    if (kind !== undefined) into[offset + peerColumns.path] = peerPathKinds.indexOf(kindThroughTurn(kind));
  }
}

/** Returns a kind of path as it is outside the client: all lead through the TURN server but those from another port or on this link. */
export function kindThroughTurn(kind: PeerPathKind): PeerPathKind {
  return kind === 'local-link' || kind === 'turn-direct' ? kind : 'turn';
}
