import type { Ipv6Value } from '@navalis/address';
import type { Milliseconds } from '../milliseconds.ts';

/** The orders of a list of peers: the one heard last first, most octets first, the oldest first. */
export const peerSorts = ['heard', 'sent', 'received', 'age'] as const;
export type PeerSort = (typeof peerSorts)[number];

/**
 * How a peer stands. A `trying` peer is being asked for an answer; an `established` one has proven an endpoint, to which packets go;
 * a `failed` one has not.
 */
export const peerStates = ['trying', 'established', 'failed'] as const;
export type PeerState = (typeof peerStates)[number];

/**
 * The reasons of a state.
 *
 * - `silent`: established, but not heard for 30 s: the next packet to it asks it for an answer first.
 * - `no-answer`: it did not answer the bubbles or tests of the last attempt.
 * - `bubble-limit`: it did not answer, and the limits of RFC 4380 section 5.2.6 forbid more bubbles at present.
 * - `not-proven`: it contacted this host, from an endpoint that proves nothing, and this host had nothing to send to it.
 */
export const peerReasons = ['silent', 'no-answer', 'bubble-limit', 'not-proven'] as const;
export type PeerReason = (typeof peerReasons)[number];

/** The columns of a row: numbers, so that a page of rows passes between threads without a copy. `NaN` stands for an absent value. */
export const peerColumns = {
  word0: 0,
  word1: 1,
  word2: 2,
  word3: 3,
  /** An index of `peerStates`. */
  state: 4,
  /** An index of `peerReasons`. */
  reason: 5,
  /** An index of `peerPathKinds`. */
  path: 6,
  endpointAddress: 7,
  endpointPort: 8,
  heardAt: 9,
  roundTripMs: 10,
  since: 11,
  sentPackets: 12,
  sentOctets: 13,
  receivedPackets: 14,
  receivedOctets: 15,
} as const;
export const peerColumnCount = 16;

/** The peers of an engine, a row each, to be read a few at a time. */
export interface PeerRows {
  /** Rows are 1 to this one. */
  readonly highestRow: number;
  /** Rows in use: peers that were given up included. */
  readonly count: number;
  /** Returns the row of the peer with this address, or 0. */
  find(address: Ipv6Value): number;
  isInUse(row: number): boolean;
  /** Returns the number by which the row is sorted: the higher, the earlier it comes. */
  keyOf(row: number, sort: PeerSort): number;
  /** Writes the columns of a row in use to `into`, from `offset` on. */
  read(row: number, into: Float64Array, offset: number, now: Milliseconds): void;
}
