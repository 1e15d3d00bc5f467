import type { Ipv4Endpoint, Ipv4Value, Ipv6Value } from '@navalis/address';
import type { NatClass } from '@navalis/nat';
import type { Milliseconds } from '../milliseconds.ts';
import type { CounterSnapshot } from './counters.ts';
import type { OfflineReason, TurnFailure, TurnTransport } from './events.ts';
import type { PeerRows } from './peer-rows.ts';

/** Whether a client reaches native hosts, by its connectivity tests. */
export interface NativeReachabilityStatus {
  readonly state: 'working' | 'failing';
  /** Since when; while failing since the first test that failed. */
  readonly since: Milliseconds;
}

/** The TURN server of a client whose service port is an allocation there. */
export interface TurnStatus {
  readonly server: Ipv4Endpoint;
  readonly transport: TurnTransport;
  /** Undefined while there is no allocation. */
  readonly relayed: Ipv4Endpoint | undefined;
  /** Why there is no allocation, or none yet. */
  readonly failure: TurnFailure | undefined;
}

/**
 * The paths that packets to peers take.
 *
 * - `direct`: to the endpoint that the peer's Teredo address embeds.
 * - `learned`: to the endpoint that its nonce has proven, since a symmetric NAT is in front of it.
 * - `random-port`: from a port of this host for this peer alone.
 * - `same-nat`: to its endpoint behind the NAT that it shares with this host.
 * - `local-link`: to its address on the link that it shares with this host.
 * - `relay`: to the relay of a native host.
 * - `turn`: through the TURN server of this host.
 * - `turn-direct`: from a second port of this host, without its TURN server.
 */
export const peerPathKinds = [
  'direct',
  'learned',
  'random-port',
  'same-nat',
  'local-link',
  'relay',
  'turn',
  'turn-direct',
] as const;
export type PeerPathKind = (typeof peerPathKinds)[number];

/** The path to one peer. */
export interface PeerPath<Time = Milliseconds> {
  readonly address: Ipv6Value;
  readonly kind: PeerPathKind;
  readonly endpoint: Ipv4Endpoint;
  /** When the peer was last heard. */
  readonly heardAt: Time;
}

/** The paths to the peers that are reached. */
export interface PathsStatus<Time = Milliseconds> {
  readonly counts: Readonly<Record<PeerPathKind, number>>;
  /** Some of them, the one heard last first. */
  readonly recent: readonly PeerPath<Time>[];
}

/** The fields of every status. */
interface CommonStatus {
  /** Since when the state holds. */
  readonly since: Milliseconds;
  /** Entries in the peer table; 0 for a server. */
  readonly peers: number;
  /** Undefined for an engine that has no peers. */
  readonly paths?: PathsStatus;
  readonly counters: CounterSnapshot;
}

export interface ClientStatus extends CommonStatus {
  readonly role: 'client';
  readonly state: 'initial' | 'starting' | 'qualified' | 'off-line' | 'stopped';
  readonly address: Ipv6Value | undefined;
  readonly server: Ipv4Value;
  readonly mapped: Ipv4Endpoint | undefined;
  readonly nat: NatClass | undefined;
  /** At most. */
  readonly refreshIntervalMs: Milliseconds;
  /** Whether the NAT keeps the client's port, as its server sees it. */
  readonly isPortPreserving: boolean | undefined;
  /** The reason why a client is off-line, or tries again. */
  readonly offlineReason: OfflineReason | undefined;
  /** Undefined until a test ended. */
  readonly nativeReachability: NativeReachabilityStatus | undefined;
  /** Undefined for a client that uses no TURN server. */
  readonly turn?: TurnStatus;
}

/** The status of a client's placeholder while the client is idle. */
export interface StandbyStatus extends CommonStatus {
  readonly role: 'standby';
  readonly state: 'initial' | 'running' | 'stopped';
}

export interface ServerStatus extends CommonStatus {
  readonly role: 'server';
  readonly state: 'initial' | 'running' | 'stopped';
  /** The primary address. */
  readonly server: Ipv4Value;
}

/** The status of a relay or host-specific relay. */
export interface RelayStatus extends CommonStatus {
  readonly role: 'relay';
  readonly state: 'initial' | 'running' | 'stopped';
}

/** The status of an engine, available at any time; the control plane turns it into `status --json`. */
export type EngineStatus = ClientStatus | StandbyStatus | ServerStatus | RelayStatus;

/** The reason of a deadline: the state machine of qualification, bursts to peers, and so on. */
export type DeadlineReason =
  | 'qualification'
  | 'peers'
  | 'local-discovery'
  | 'refresh-interval'
  | 'renewal'
  | 'turn'
  | 'upgrades';

/** An engine as the data plane runs it: with a life and a status. */
export interface EngineLife<Status extends EngineStatus = EngineStatus> {
  /** Begins work; the first datagram may leave during the call. */
  start(now: Milliseconds): void;
  /** Ends work: drops queues and timers, reports `stopped`. */
  stop(now: Milliseconds): void;
  status(): Status;
  /** The peers of the engine; undefined for one that has none. */
  readonly peerRows?: PeerRows;
  /** Returns the reason of `nextDeadline()`; undefined when idle. For traces and tests, not for the packet path. */
  deadlineReason(): DeadlineReason | undefined;
}
