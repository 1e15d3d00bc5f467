import type { PeerSort } from '@navalis/engine';

/** A page of the list of peers, as a program or person asks for it. */
export interface PeerQuery {
  readonly sort: PeerSort;
  /** Rows at most, 1 to `mostPeersPerPage`. */
  readonly limit: number;
  /** The last row of the page before; undefined for the first page. */
  readonly after: PeerPlace | undefined;
}

/** A row, and the number that it was sorted by. */
export interface PeerPlace {
  readonly key: number;
  readonly row: number;
}

/** Our choice: rows of one page. */
export const mostPeersPerPage = 1000;
