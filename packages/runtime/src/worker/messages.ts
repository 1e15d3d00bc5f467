import type { Ipv4Endpoint, Ipv4Prefix, Ipv4Value, Ipv6Prefix } from '@navalis/address';
import type {
  ClientStatus,
  CounterSnapshot,
  DropReason,
  EngineEvent,
  EngineStatus,
  NativeReachabilityStatus,
  PathsStatus,
} from '@navalis/engine';
import type { DeviceDropReason, Offload } from '@navalis/netio';
import type { MappingDropReason } from '@navalis/port-mapping';
import type { PeerPage, PeerQuery } from '@navalis/traversal';
import type { NavalisErrorCode } from '../navalis-error.ts';
import type { TracedEvent, WatchRequest } from '../peers/peer-watch.ts';
import type { StreamDropReason } from '../roles/client/turn/stream-drops.ts';
import type { LoopReport } from './loop/loop-load.ts';

/** The devices that a data plane opens. */
export interface DeviceSettings {
  /** The ports to open at the start; the engine opens and closes others. Index and port number agree; 0 is the service port. */
  readonly sockets: readonly SocketSettings[];
  /** The tunnel interface; undefined for a server, which hands packets to IPv6 routing instead. */
  readonly interfaceName: string | undefined;
  /** Whether to use the offloads that the kernel offers. */
  readonly offload: boolean;
}

export interface SocketSettings {
  /** 0 is any address of this host, port 0 any free port. */
  readonly endpoint: Ipv4Endpoint;
  /** The interface for multicast; required for a socket bound to a group. */
  readonly multicastInterface?: string | undefined;
}

/** The settings of a worker at its start; `engine` is only for the role's engine. */
export interface DataPlaneSettings<EngineSettings> {
  readonly devices: DeviceSettings;
  readonly extraGlobalIpv4: readonly Ipv4Prefix[];
  readonly extraGlobalIpv6: readonly Ipv6Prefix[];
  readonly directedBroadcasts: readonly Ipv4Value[];
  readonly engine: EngineSettings;
}

/** From the control plane to the worker; it is woken for each. */
export type ControlMessage<EngineUpdate = unknown> =
  | { readonly kind: 'stop' }
  | { readonly kind: 'status'; readonly id: number }
  /** Answered by the next turn of the loop. */
  | { readonly kind: 'beat' }
  | { readonly kind: 'peers'; readonly id: number; readonly query: PeerQuery }
  | { readonly kind: 'watch'; readonly id: number; readonly request: WatchRequest }
  | { readonly kind: 'unwatch'; readonly id: number }
  | { readonly kind: 'directed-broadcasts'; readonly addresses: readonly Ipv4Value[] }
  | { readonly kind: 'extra-global-ipv4'; readonly ranges: readonly Ipv4Prefix[] }
  | { readonly kind: 'update'; readonly update: EngineUpdate };

/** A reason for which a program drops a packet or an answer: one of its engine, its devices, its port mapping or its streams. */
export type ProgramDropReason = DropReason | DeviceDropReason | MappingDropReason | StreamDropReason;

/** The counts of an engine and its devices together. */
export type ProgramCounters = CounterSnapshot<ProgramDropReason>;

/** A status with absolute times: the worker's clock has its own origin. */
export interface DataPlaneStatus
  extends Pick<EngineStatus, 'state' | 'peers'>,
    Partial<Omit<ClientStatus, 'role' | 'state' | 'since' | 'peers' | 'paths' | 'counters' | 'nativeReachability'>> {
  /** ISO 8601. */
  readonly since: string;
  readonly counters: ProgramCounters;
  /** Times are ISO 8601. */
  readonly paths?: PathsStatus<string>;
  readonly nativeReachability?: NativeReachability;
  readonly offloads: readonly Offload[];
  readonly loop?: LoopReport;
}

/** Whether a client reaches native hosts. */
export interface NativeReachability {
  readonly state: NativeReachabilityStatus['state'];
  /** ISO 8601. */
  readonly since: string;
}

/** From the worker to the control plane. */
export type DataPlaneMessage =
  | {
      readonly kind: 'ready';
      /** The eventfd that wakes the worker. */
      readonly wakeDescriptor: number;
      /** Where each socket is bound, in the order of the settings; a port of 0 there became a real one. */
      readonly bound: readonly Ipv4Endpoint[];
    }
  | { readonly kind: 'event'; readonly event: EngineEvent }
  | { readonly kind: 'status'; readonly id: number; readonly status: DataPlaneStatus }
  | { readonly kind: 'beat' }
  | { readonly kind: 'peers'; readonly id: number; readonly page: PeerPage }
  /** `atMs` on the wall clock. */
  | { readonly kind: 'watched'; readonly id: number; readonly event: TracedEvent; readonly atMs: number }
  | {
      readonly kind: 'failed';
      readonly code: NavalisErrorCode;
      readonly sentence: string;
      readonly evidence: string | undefined;
    };
