import type { Ipv6Value } from '@navalis/address';
import {
  type Milliseconds,
  type PeerReason,
  type PeerRows,
  type PeerSort,
  type PeerState,
  peerColumns,
  peerPathKinds,
  peerReasons,
  peerStates,
} from '@navalis/engine';
import type { Traversal } from '../traversal.ts';
import type { PeerIndex, PeerTable } from './peer-table.ts';
import type { PeerTraffic } from './peer-traffic.ts';

/** The rows of the peer table as a list for people and programs. Reads only. */
export class TraversalPeerRows implements PeerRows {
  readonly #traversal: Traversal;
  readonly #table: PeerTable;
  readonly #traffic: PeerTraffic;

  constructor(traversal: Traversal) {
    this.#traversal = traversal;
    this.#table = traversal.table;
    this.#traffic = traversal.table.traffic;
  }

  get highestRow(): PeerIndex {
    return this.#table.highestRow;
  }

  get count(): number {
    return this.#table.rowsInUse;
  }

  find(address: Ipv6Value): PeerIndex {
    return this.#table.find(address);
  }

  isInUse(row: PeerIndex): boolean {
    return this.#table.isInUse(row);
  }

  keyOf(row: PeerIndex, sort: PeerSort): number {
    switch (sort) {
      case 'heard':
        return this.#table.lastReception(row);
      case 'sent':
        return this.#traffic.sentOctets(row);
      case 'received':
        return this.#traffic.receivedOctets(row);
      case 'age':
        return -this.#traffic.since(row);
    }
  }

  read(row: PeerIndex, into: Float64Array, offset: number, now: Milliseconds): void {
    const table = this.#table;
    const traffic = this.#traffic;
    const state = this.#stateOf(row, now);
    const isEstablished = state === 'established';
    const reason = this.#reasonOf(row, state, now);
    const path = isEstablished ? peerPathKinds.indexOf(this.#traversal.pathCounts.kindOf(row)) : Number.NaN;
    const since = traffic.since(row);
    const heardAt = table.lastReception(row);
    for (const which of [0, 1, 2, 3] as const) into[offset + which] = table.word(row, which);
    into[offset + peerColumns.state] = peerStates.indexOf(state);
    into[offset + peerColumns.reason] = reason === undefined ? Number.NaN : peerReasons.indexOf(reason);
    into[offset + peerColumns.path] = path;
    into[offset + peerColumns.endpointAddress] = isEstablished ? table.targetAddress(row) : Number.NaN;
    into[offset + peerColumns.endpointPort] = isEstablished ? table.targetPort(row) : Number.NaN;
    // A new peer stands in the table as if it had been heard before it came.
    into[offset + peerColumns.heardAt] = heardAt >= since ? heardAt : Number.NaN;
    into[offset + peerColumns.roundTripMs] = traffic.roundTripMs(row);
    into[offset + peerColumns.since] = since;
    into[offset + peerColumns.sentPackets] = traffic.sentPackets(row);
    into[offset + peerColumns.sentOctets] = traffic.sentOctets(row);
    into[offset + peerColumns.receivedPackets] = traffic.receivedPackets(row);
    into[offset + peerColumns.receivedOctets] = traffic.receivedOctets(row);
  }

  #stateOf(row: PeerIndex, now: Milliseconds): PeerState {
    if (this.#traversal.isRunning(row) && !this.#table.isUsable(row, now)) return 'trying';
    return this.#table.isTrusted(row) ? 'established' : 'failed';
  }

  #reasonOf(row: PeerIndex, state: PeerState, now: Milliseconds): PeerReason | undefined {
    if (state === 'established') return this.#table.isValid(row, now) ? undefined : 'silent';
    if (state === 'trying') return undefined;
    if (this.#table.isTeredo(row) && this.#traversal.isFutile(row, now)) return 'bubble-limit';
    return this.#table.isSolicited(row) || this.#table.isGivenUp(row) ? 'no-answer' : 'not-proven';
  }
}
