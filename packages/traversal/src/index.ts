/**
 * The peers of a Teredo node: one bounded table, the packets that wait for a path, and the limits on bubbles.
 *
 * - {@link PeerTable} holds the peers in typed arrays, up to a capacity.
 * - {@link PacketQueues} keeps packets until their peer is reachable.
 * - {@link Attempts} schedules the bubbles that open a path.
 *
 * @packageDocumentation
 */

export { Attempts } from './attempts.ts';
export { BubbleBudget } from './bubble-budget.ts';
export { queuedPacketLimit, queuedPacketsPerPeer } from './choices.ts';
export { bubbleSpacingMs, burstsPerAttempt, burstTimeoutMs, validityMs } from './constants.ts';
export { PacketQueues } from './packet-queues.ts';
export {
  noPeer,
  type PeerIndex,
  type PeerRemovalListener,
  PeerTable,
  type PeerTableOptions,
} from './peer-table.ts';
export { ReplyLimits } from './reply-limits.ts';
