import { type EndpointText, formatIpv4, formatIpv6 } from '@navalis/address';
import type { Role } from '@navalis/config';
import {
  type PeerPathKind,
  type PeerReason,
  type PeerState,
  peerColumnCount,
  peerColumns,
  peerPathKinds,
  peerReasons,
  peerStates,
} from '@navalis/engine';
import type { PeerPage } from '@navalis/traversal';
import { isoTime } from '../scheduling/time.ts';
import { placeText } from './peer-query.ts';

/** One peer in the output of `peers --json`. */
export interface PeerReport {
  readonly address: string;
  readonly state: PeerState;
  readonly reason?: PeerReason;
  /** The kind of the path, for an established peer. */
  readonly path?: PeerPathKind;
  readonly endpoint?: EndpointText;
  /** ISO 8601; absent for a peer that never was. */
  readonly heardAt?: string;
  /** From the last bubble, test or ping that was measured to its answer. */
  readonly roundTripMs?: number;
  /** When it came into the table, ISO 8601. */
  readonly since: string;
  readonly sent: PeerCounts;
  readonly received: PeerCounts;
}

/** Packets of data, without bubbles and tests. */
interface PeerCounts {
  readonly packets: number;
  readonly octets: number;
}

/** A page of peers, as `/peers` returns it. */
export interface PeersReport {
  readonly total: number;
  readonly peers: readonly PeerReport[];
  /** The parameter `after` of the next page; absent at the end. */
  readonly next?: string;
  /** A sentence that says why this program has no peers. */
  readonly note?: string;
}

/** Returns a page as JSON. */
export function peersReport({ total, columns, next, timeOrigin }: PeerPage): PeersReport {
  const peers: PeerReport[] = [];
  for (let offset = 0; offset < columns.length; offset += peerColumnCount) {
    if (columns[offset + peerColumns.word0] !== 0)
      peers.push(peerReport(columns.subarray(offset, offset + peerColumnCount), timeOrigin));
  }
  return { total, peers, ...(next && { next: placeText(next) }) };
}

/** Returns the page of a program that has no peers. */
export function withoutPeers(role: Role): PeersReport {
  const note = 'A server has no peers: it does not keep which clients it answered.';
  return { total: 0, peers: [], ...(role === 'server' && { note }) };
}

function peerReport(row: Float64Array, timeOrigin: number): PeerReport {
  const at = (column: keyof typeof peerColumns): number => row[peerColumns[column]]!;
  const time = (column: 'heardAt' | 'since'): string => isoTime(timeOrigin + at(column));
  const address = { word0: at('word0'), word1: at('word1'), word2: at('word2'), word3: at('word3') };
  const reason = peerReasons[at('reason')];
  const path = peerPathKinds[at('path')];
  const port = at('endpointPort');
  return {
    address: formatIpv6(address),
    state: peerStates[at('state')]!,
    ...(reason && { reason }),
    ...(path && { path }),
    ...(!Number.isNaN(port) && { endpoint: { address: formatIpv4(at('endpointAddress')), port } }),
    ...(!Number.isNaN(at('heardAt')) && { heardAt: time('heardAt') }),
    ...(!Number.isNaN(at('roundTripMs')) && { roundTripMs: Math.round(at('roundTripMs') * 10) / 10 }),
    since: time('since'),
    sent: { packets: at('sentPackets'), octets: at('sentOctets') },
    received: { packets: at('receivedPackets'), octets: at('receivedOctets') },
  };
}
