import type { Counters, Icmpv6Errors, RandomSource, SendGate } from '@navalis/engine';
import type { Extensions } from './extensions.ts';

/** The collaborators of a traversal, which its role provides. */
export interface TraversalParts {
  readonly gate: SendGate;
  readonly errors: Icmpv6Errors;
  readonly counters: Counters;
  readonly random: RandomSource;
}

export interface TraversalOptions {
  readonly peerCapacity: number;
  /** Packets that wait for all peers together. */
  readonly queueCapacity: number;
  /** First word of Teredo addresses. */
  readonly servicePrefix: number;
  readonly extensions: Extensions;
  /** Whether a peer that answers through its server alone gets a rest, and an indirect bubble after it (CL-B-14). */
  readonly restsPeers: boolean;
  /** Whether an attempt fails as soon as the limits allow no more bubbles; else it waits for late answers. */
  readonly failsWithBudget: boolean;
  /** An attempt for which no packet waits ends after so many bursts; without it after as many as any other. */
  readonly burstsWithoutPackets?: number;
}
