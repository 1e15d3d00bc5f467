import {
  type EndpointText,
  endpointText,
  formatIpv4,
  formatIpv6,
  type Ipv4Endpoint,
  type Ipv4Value,
} from '@navalis/address';
import type { Role } from '@navalis/config';
import {
  Counters,
  type EngineStatus,
  type OfflineReason,
  type PathsStatus,
  type PeerPathKind,
  type TurnFailure,
  type TurnStatus,
  type TurnTransport,
} from '@navalis/engine';
import type { DisabledReason, HostFunction } from '@navalis/life';
import type { NatClass } from '@navalis/nat';
import type { Offload } from '@navalis/netio';
import type { MappingProtocol, PortMapping } from '@navalis/port-mapping';
import type { AnnouncementReport } from '../health/announcement-report.ts';
import type { Degradation } from '../health/degradations.ts';
import type { UpkeepReport } from '../health/upkeep.ts';
import type { QueueReport } from '../host/datagram-queues.ts';
import { needOfOffline, type WaitingReason } from '../waiting/needs.ts';
import type { LoopReport } from '../worker/loop/loop-load.ts';
import type { DataPlaneStatus, NativeReachability, ProgramCounters } from '../worker/messages.ts';

/** The TURN server of a client, and what it relays. */
export interface TurnReport {
  readonly server: EndpointText;
  readonly transport: TurnTransport;
  readonly relayed?: EndpointText;
  readonly failure?: TurnFailure;
}

/** A peer that was heard lately. */
export interface RecentPeer {
  readonly address: string;
  readonly path: PeerPathKind;
  readonly endpoint: EndpointText;
  /** ISO 8601. */
  readonly heardAt: string;
}

/** Why a role that is not at work is in its state, and what to do about it. */
export interface Cause {
  /** The machine-readable reason, as in `offlineReason`, `waitingFor` or `disabledReason`. */
  readonly reason: string;
  /** Since when, ISO 8601: of an off-line client since it has had no address, over all attempts. */
  readonly since: string;
  readonly sentence: string;
  /** Absent where nothing is to be done. */
  readonly cure?: string;
}

/** A reload that changed nothing because of a mistake. */
export interface RefusedReload {
  /** The time of the first of several, ISO 8601. */
  readonly since: string;
  readonly sentence: string;
}

/** The output of `status --json`. */
export interface StatusReport {
  readonly role: Role;
  readonly version: string;
  /**
   * `waiting`: a role that cannot start before the network provides `waitingFor`; `disabled`: a blocked client;
   * `degraded`: a running role with the faults that `degraded` lists; `draining`: a role that ends at `drainsUntil`.
   */
  readonly state: EngineStatus['state'] | 'waiting' | 'disabled' | 'degraded' | 'draining';
  /** The time when this state began, ISO 8601. */
  readonly since: string;
  /** A client's Teredo address, or the IPv6 address of a relay. */
  readonly address?: string;
  readonly server?: string;
  /** The configured name of the server, if it is one. */
  readonly serverName?: string;
  readonly mapped?: EndpointText;
  readonly local?: EndpointText;
  /** The mapping that the client's router made for its service port. */
  readonly portMapping?: EndpointText & { readonly protocol: MappingProtocol };
  readonly nat?: NatClass;
  /** The longest time between two refreshes of a client's mapping. */
  readonly refreshIntervalMs?: number;
  /** Whether the NAT keeps the client's port. */
  readonly isPortPreserving?: boolean;
  readonly offlineReason?: OfflineReason;
  /** Since when an off-line client has had no address, over all attempts, ISO 8601. */
  readonly offlineSince?: string;
  /** When an off-line client tries again, ISO 8601; absent during an attempt. */
  readonly nextAttempt?: string;
  /** Why a role that is not at work is in its state, for people. */
  readonly cause?: Cause;
  /** Whether a client reaches native hosts, once a connectivity test ended. */
  readonly nativeReachability?: NativeReachability;
  /** The TURN server that relays for a client, or failed to; absent when it needs none. */
  readonly turn?: TurnReport;
  /** The function that a host-specific relay with `mode = "auto"` runs; all other fields are that function's. */
  readonly function?: HostFunction;
  /** The time when it started that function, ISO 8601. */
  readonly functionSince?: string;
  /** The resource that a role waits for, before it can start or before it has an address. */
  readonly waitingFor?: WaitingReason;
  readonly disabledReason?: DisabledReason;
  /** The evidence of a disabled client or a waiting role, such as an address. */
  readonly evidence?: string;
  /** The faults of a running role; absent without any. */
  readonly degraded?: readonly Degradation[];
  /** The mistake of the last reload; absent after one that succeeded. The role works on. */
  readonly refusedReload?: RefusedReload;
  readonly interface?: string;
  /** Whether a relay with an announcement table is announced. */
  readonly announcement?: AnnouncementReport;
  /** When a draining role ends, ISO 8601. */
  readonly drainsUntil?: string;
  /** The last day of service, `YYYY-MM-DD`. */
  readonly sunset?: string;
  /** The parts of this host that the program set up, and the number of restores. */
  readonly upkeep?: UpkeepReport;
  /** The queues of this program in the kernel. */
  readonly queues?: QueueReport;
  /** How long the turns of the data plane took; absent without one. */
  readonly loop?: LoopReport;
  /** Offloads in use by the devices that are open. */
  readonly offloads?: readonly Offload[];
  readonly peers: number;
  /** The peers that are reached, by the kind of their path; kinds without any are absent. */
  readonly paths?: Readonly<Partial<Record<PeerPathKind, number>>>;
  /** Some of them, the one heard last first. */
  readonly recentPeers?: readonly RecentPeer[];
  readonly counters: ProgramCounters;
}

/** Facts that the control plane knows and the engine does not. */
export interface StatusContext {
  readonly role: Role;
  readonly version: string;
  readonly local?: Ipv4Endpoint | undefined;
  readonly interfaceName?: string | undefined;
  readonly mapping?: PortMapping | undefined;
  /** The configured name of a server with this address. */
  readonly nameOfServer?: (server: Ipv4Value) => string | undefined;
}

export function statusReport(context: StatusContext, status: DataPlaneStatus): StatusReport {
  const { address, server, mapped, nat, refreshIntervalMs, isPortPreserving, offlineReason } = status;
  const serverName = server === undefined ? undefined : context.nameOfServer?.(server);
  return {
    role: context.role,
    version: context.version,
    state: status.state,
    since: status.since,
    ...(address && { address: formatIpv6(address) }),
    ...(server !== undefined && { server: formatIpv4(server) }),
    ...(serverName !== undefined && { serverName }),
    ...(mapped && { mapped: endpointText(mapped) }),
    ...(context.local && { local: endpointText(context.local) }),
    ...(context.mapping && {
      portMapping: { protocol: context.mapping.protocol, ...endpointText(context.mapping.external) },
    }),
    ...(nat && { nat }),
    ...(refreshIntervalMs !== undefined && { refreshIntervalMs }),
    ...(isPortPreserving !== undefined && { isPortPreserving }),
    ...(offlineReason && offlineReport(offlineReason)),
    ...(status.nativeReachability && { nativeReachability: status.nativeReachability }),
    ...(status.turn && { turn: turnReport(status.turn) }),
    ...(context.interfaceName && { interface: context.interfaceName }),
    offloads: status.offloads,
    ...(status.loop && { loop: status.loop }),
    peers: status.peers,
    ...(status.paths && pathsReport(status.paths)),
    counters: status.counters,
  };
}

/** Returns the report of a relay without a data plane, whose interface is recreated since that time (ISO 8601). */
export function recoveringReport(role: Role, version: string, since: string): StatusReport {
  return { role, version, state: 'degraded', since, peers: 0, counters: new Counters().snapshot() };
}

function offlineReport(offlineReason: OfflineReason): Pick<StatusReport, 'offlineReason' | 'waitingFor'> {
  const waitingFor = needOfOffline(offlineReason);
  return { offlineReason, ...(waitingFor && { waitingFor }) };
}

/** Returns the part of a report about a TURN server. */
export function turnReport({ server, transport, relayed, failure }: TurnStatus): TurnReport {
  return {
    server: endpointText(server),
    transport,
    ...(relayed && { relayed: endpointText(relayed) }),
    ...(failure && { failure }),
  };
}

function pathsReport({ counts, recent }: PathsStatus<string>): Pick<StatusReport, 'paths' | 'recentPeers'> {
  return {
    paths: Object.fromEntries(Object.entries(counts).filter(([, count]) => count > 0)),
    recentPeers: recent.map(({ address, kind, endpoint, heardAt }) => ({
      address: formatIpv6(address),
      path: kind,
      endpoint: endpointText(endpoint),
      heardAt,
    })),
  };
}
