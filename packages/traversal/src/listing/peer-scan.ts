import { type Milliseconds, type PeerRows, peerColumnCount } from '@navalis/engine';
import { mostPeersPerPage, type PeerPlace, type PeerQuery } from './peer-query.ts';
import { isBefore, TopRows } from './top-rows.ts';

/** A page of peers on its way to the control plane. */
export interface PeerPage {
  /** Peers in the table. */
  readonly total: number;
  /** `peerColumnCount` numbers for each peer; times are those of the data plane's clock. */
  readonly columns: Float64Array<ArrayBuffer>;
  /** Where the next page begins; undefined at the end. */
  readonly next: PeerPlace | undefined;
  /** The wall-clock time at the origin of the data plane's clock, by the wall clock when the page was read. */
  readonly timeOrigin: Milliseconds;
}

/** Our choice: rows that are visited in one turn of the loop, which takes some 140 microseconds, and rows that are read in one. */
const visitsPerTurn = 4096;
const readsPerTurn = 64;

interface Request {
  readonly query: PeerQuery;
  readonly done: (page: PeerPage) => void;
}

/**
 * Finds pages of peers in the data plane, a bounded number of rows in each turn of the loop, so that packets do not wait. One request
 * after the other.
 */
export class PeerScan {
  readonly #peers: PeerRows | undefined;
  readonly #timeOrigin: () => Milliseconds;
  readonly #top: TopRows = new TopRows(mostPeersPerPage);
  readonly #requests: Request[] = [];
  #row = 1;
  #found: readonly PeerPlace[] | undefined;
  #columns: Float64Array<ArrayBuffer> = new Float64Array(0);
  #read = 0;

  /** `timeOrigin` returns the present wall-clock time at the origin of the data plane's clock. */
  constructor(peers: PeerRows | undefined, timeOrigin: () => Milliseconds) {
    this.#peers = peers;
    this.#timeOrigin = timeOrigin;
  }

  get isPending(): boolean {
    return this.#requests.length > 0;
  }

  request(query: PeerQuery, done: Request['done']): void {
    if (this.#requests.push({ query, done }) === 1) this.#begin();
  }

  /** Goes on with the first request; call it once in each turn of the loop while requests are pending. */
  step(now: Milliseconds): void {
    const { query, done } = this.#requests[0]!;
    if (this.#found === undefined) {
      if (this.#row <= this.#lastRow) this.#visit(query);
      else this.#sort();
    } else if (this.#read < this.#found.length) this.#fill(this.#found, now);
    else {
      const found = this.#found;
      const hasMore = found.length === query.limit && this.#peers!.count > query.limit;
      const columns = this.#columns;
      this.#requests.shift();
      this.#begin();
      done({
        total: this.#peers?.count ?? 0,
        columns,
        next: hasMore ? found.at(-1) : undefined,
        timeOrigin: this.#timeOrigin(),
      });
    }
  }

  #begin(): void {
    const next = this.#requests[0];
    this.#row = 1;
    this.#found = undefined;
    this.#read = 0;
    this.#top.begin(next?.query.limit ?? 0);
  }

  get #lastRow(): number {
    return this.#peers?.highestRow ?? 0;
  }

  #visit({ sort, after }: PeerQuery): void {
    const peers = this.#peers!;
    const end = Math.min(this.#row + visitsPerTurn, this.#lastRow + 1);
    for (let row = this.#row; row < end; row++) {
      if (!peers.isInUse(row)) continue;
      const key = peers.keyOf(row, sort);
      if (after === undefined || isBefore(after.key, after.row, key, row)) this.#top.offer(key, row);
    }
    this.#row = end;
  }

  #sort(): void {
    this.#found = this.#top.sorted();
    this.#columns = new Float64Array(peerColumnCount * this.#found.length);
  }

  #fill(found: readonly PeerPlace[], now: Milliseconds): void {
    const end = Math.min(this.#read + readsPerTurn, found.length);
    for (let at = this.#read; at < end; at++) {
      const { row } = found[at]!;
      // A peer that left meanwhile leaves a row of zeros, which the control plane omits.
      if (this.#peers!.isInUse(row)) this.#peers!.read(row, this.#columns, peerColumnCount * at, now);
    }
    this.#read = end;
  }
}
