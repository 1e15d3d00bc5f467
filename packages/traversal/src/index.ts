/**
 * How a Teredo client or relay reaches its peers: one bounded table, the packets that wait for a path, and the bubbles that
 * open it, within their limits.
 *
 * - {@link Traversal} queues, sends bursts of bubbles, and gives up.
 * - {@link TraversalRole} is what client and relay do differently.
 * - {@link PeerTable} holds the peers in typed arrays, up to a capacity.
 *
 * @packageDocumentation
 */

export type { Attempts } from './attempts/attempts.ts';
export { BubbleSender } from './bubble-sender.ts';
export { validityMs } from './constants.ts';
export { allExtensions, type Extensions, missingExtension, noExtensions } from './extensions.ts';
export { mostPeersPerPage, type PeerPlace, type PeerQuery } from './listing/peer-query.ts';
export { type PeerPage, PeerScan } from './listing/peer-scan.ts';
export type { Alternates } from './mechanisms/alternates.ts';
export type { EchoNonce, EchoTests } from './mechanisms/echo-tests.ts';
export type { Mechanisms } from './mechanisms/mechanisms.ts';
export type { Nonces } from './mechanisms/nonces.ts';
export type { PathUpgrader } from './mechanisms/path-upgrader.ts';
export type { RandomPortKeeper } from './mechanisms/random-port-keeper.ts';
export type { RandomPorts, RandomPortUse } from './mechanisms/random-ports.ts';
export { type SolicitationPurpose, type Solicitations, solicitationPurposes } from './mechanisms/solicitations.ts';
export type { SymmetricPeers } from './mechanisms/symmetric-peers.ts';
export { noPathsStatus, type PathCounts } from './peers/path-counts.ts';
export { type PathIndex, type PathKind, Paths, pathKinds } from './peers/paths.ts';
export {
  noPeer,
  type PeerIndex,
  type PeerRemovalListener,
  PeerTable,
  type PeerTableOptions,
  type PeerTrustListener,
} from './peers/peer-table.ts';
export type { PeerTraffic } from './peers/peer-traffic.ts';
export { TraversalPeerRows } from './peers/traversal-peer-rows.ts';
export { ReplyLimits } from './reply-limits.ts';
export { Traversal } from './traversal.ts';
export type { TraversalOptions, TraversalParts } from './traversal-options.ts';
export type { TraversalRole } from './traversal-role.ts';
