import type { Ipv4Value } from '@navalis/address';
import type { ClientConfiguration, Configuration, Role } from '@navalis/config';
import type { BlockerProbes, HostAddresses } from '@navalis/life';
import type { Logger } from '@navalis/telemetry';
import type { Degradations } from '../../health/degradations.ts';
import type { Upkeep } from '../../health/upkeep.ts';
import type { EventSink } from '../../hooks/host-event.ts';
import type { IpRunner } from '../../host/commands/ip-command.ts';
import type { FirewallSight } from '../../host/firewall.ts';
import type { NameLookup } from '../../host/names/resolve-servers.ts';
import type { RouteProbe } from '../../host/routes/route-probe.ts';
import type { Announcements } from '../../host/watches/announcements.ts';
import type { NavalisError } from '../../navalis-error.ts';
import type { PeerAccess } from '../../peers/peer-access.ts';
import type { Time } from '../../scheduling/time.ts';
import type { StateFiles } from '../../state/state-files.ts';
import type { StatusReport } from '../../status/status-report.ts';
import type { InterfaceAccess } from '../../tunnel/interface-access.ts';
import type { DataPlaneStarter } from '../../worker/data-plane-handle.ts';
import type { MappingAccess } from '../client/port-mapping/mapping-access.ts';

/** The control plane of one role while its program runs. */
export interface RoleControl {
  /** Resolves when the network has what `start` needs, as far as that takes time. Opens nothing, so it may be abandoned. */
  prepare?(): Promise<void>;
  /** Resolves when the role runs, or waits for the network. */
  start(): Promise<void>;
  /** Handles a change of the host's addresses. May be called once `start` has been called. */
  hostChanged(host: HostAddresses): void | Promise<void>;
  /** Handles the end of a sleep of the host. May be called once `start` has been called. */
  resumed?(sleptMs: number): void;
  /** Applies configuration that may change at run time. May be called once `start` has been called. */
  reconfigured?(configuration: Configuration): void;
  /** Tells routers that the role is about to end; returns false if it serves nobody at present. May be called once `start` has been called. */
  drain?(): boolean;
  status(): Promise<StatusReport>;
  /** Returns the way to the peers; undefined, like a control without this method, while there can be none. */
  peerAccess?(): PeerAccess | undefined;
  /** Resolves when nothing of the role is left on this host. May be called after a failed `start`. */
  stop(): Promise<void>;
}

/** The collaborators of every role's control plane; tests replace those that touch the machine. */
export interface ControlContext {
  /** The role of the program, which may run the function of another one. */
  readonly role: Role;
  readonly version: string;
  readonly logger: Logger;
  /** The reasons for which the role does not do its work at present. */
  readonly degradations: Degradations;
  /** Collects the state of what the role set up. */
  readonly upkeep: Upkeep;
  /** Takes events for other programs. */
  readonly events: EventSink;
  readonly startDataPlane: DataPlaneStarter;
  readonly runIp: IpRunner;
  readonly interfaces: InterfaceAccess;
  /** Reports when the kernel announces a change of addresses or routes. */
  readonly announcements: Announcements;
  readonly readHostAddresses: () => HostAddresses;
  readonly probes: BlockerProbes;
  readonly lookUpName: NameLookup;
  /** The files that outlive a run. */
  readonly stateFiles: StateFiles;
  /** Finds how this host routes to a server at present. */
  readonly routes: RouteProbe;
  /** How a client asks its router for a mapping. */
  readonly portMapping: MappingAccess;
  /** Resolves with whether sockets can be bound to an IPv4 address at present. */
  readonly canBind: (address: Ipv4Value) => Promise<boolean>;
  /** Never rejects. */
  readonly seeFirewall: () => Promise<FirewallSight>;
  /** Resolves with whether a client would get an address without a TURN server. Never rejects. */
  readonly checkDirectWay: (configuration: ClientConfiguration) => Promise<boolean>;
  /** The only source of time and timers in the control plane. */
  readonly time: Time;
  /** Called whenever the state that `status` reports may be another one. */
  readonly stateChanged: () => void;
  /** Ends the program with an error. */
  readonly fail: (error: NavalisError) => void;
}
