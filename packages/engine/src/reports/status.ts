import type { Ipv4Endpoint, Ipv4Value, Ipv6Value } from '@navalis/address';
import type { NatClass } from '@navalis/nat';
import type { Milliseconds } from '../milliseconds.ts';
import type { CounterSnapshot } from './counters.ts';
import type { OfflineReason } from './events.ts';

/** Whether a client reaches native hosts, by its connectivity tests. */
export interface NativeReachabilityStatus {
  readonly state: 'working' | 'failing';
  /** Since when; while failing since the first test that failed. */
  readonly since: Milliseconds;
}

/** The status of an engine, available at any time; the control plane turns it into `status --json`. */
export interface EngineStatus {
  /**
   * Clients: `initial`, `starting`, `qualified`, `off-line`. Others: `running`.
   */
  readonly state: 'initial' | 'starting' | 'qualified' | 'off-line' | 'running' | 'stopped';
  /** Since when the state holds. */
  readonly since: Milliseconds;
  readonly address?: Ipv6Value | undefined;
  readonly server?: Ipv4Value | undefined;
  readonly mapped?: Ipv4Endpoint | undefined;
  readonly nat?: NatClass | undefined;
  /** Of a client, at most. */
  readonly refreshIntervalMs?: Milliseconds | undefined;
  /** Whether the NAT keeps a client's port, as its server sees it. */
  readonly isPortPreserving?: boolean | undefined;
  /** Of a client that is off-line, or tries again. */
  readonly offlineReason?: OfflineReason | undefined;
  /** Of a client, once a test ended. */
  readonly nativeReachability?: NativeReachabilityStatus | undefined;
  /** Entries in the peer table; 0 for a server. */
  readonly peers: number;
  readonly counters: CounterSnapshot;
}

/** The reason of a deadline: the state machine of qualification, bursts to peers, and so on. */
export type DeadlineReason = 'qualification' | 'peers' | 'local-discovery' | 'refresh-interval' | 'renewal';

/** An engine as the data plane runs it: with a life and a status. */
export interface EngineLife {
  /** Begins work; the first datagram may leave during the call. */
  start(now: Milliseconds): void;
  /** Ends work: drops queues and timers, reports `stopped`. */
  stop(now: Milliseconds): void;
  status(): EngineStatus;
  /** Returns the reason of `nextDeadline()`; undefined when idle. For traces and tests, not for the packet path. */
  deadlineReason(): DeadlineReason | undefined;
}
