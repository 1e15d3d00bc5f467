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
