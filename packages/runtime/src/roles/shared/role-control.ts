import type { Ipv4Value } from '@navalis/address';
import type { Configuration } from '@navalis/config';
import type { BlockerProbes, HostAddresses } from '@navalis/life';
import type { Logger } from '@navalis/telemetry';
import type { Degradations } from '../../health/degradations.ts';
import type { IpRunner } from '../../host/commands/ip-command.ts';
import type { FirewallSight } from '../../host/firewall.ts';
import type { NameLookup } from '../../host/names/resolve-servers.ts';
import type { RouteProbe } from '../../host/routes/route-probe.ts';
import type { Announcements } from '../../host/watches/announcements.ts';
import type { NavalisError } from '../../navalis-error.ts';
import type { Time } from '../../scheduling/time.ts';
import type { StatusReport } from '../../status/status-report.ts';
import type { InterfaceAccess } from '../../tunnel/interface-access.ts';
import type { DataPlaneStarter } from '../../worker/data-plane-handle.ts';

/** The control plane of one role while its program runs. */
export interface RoleControl {
  /** Resolves when the network has what `start` needs, as far as that takes time. Opens nothing, so it may be abandoned. */
  prepare?(): Promise<void>;
  /** Resolves when the role is at work, or waits for the network. */
  start(): Promise<void>;
  /** The host's addresses changed. May be called as soon as `start` was. */
  hostChanged(host: HostAddresses): void | Promise<void>;
  /** The host slept for so many milliseconds. May be called as soon as `start` was. */
  resumed?(sleptMs: number): void;
  /** Applies configuration that may change at run time. May be called as soon as `start` was. */
  reconfigured?(configuration: Configuration): void;
  status(): Promise<StatusReport>;
  /** Resolves when nothing of the role is left on this host; may be called after a failed `start`. */
  stop(): Promise<void>;
}

/** The collaborators of every role's control plane; tests replace those that touch the machine. */
export interface ControlContext {
  readonly version: string;
  readonly logger: Logger;
  /** Where a role says that it does not do its work at present. */
  readonly degradations: Degradations;
  readonly startDataPlane: DataPlaneStarter;
  readonly runIp: IpRunner;
  readonly interfaces: InterfaceAccess;
  /** Tells when the kernel announced a change of addresses or routes. */
  readonly announcements: Announcements;
  readonly readHostAddresses: () => HostAddresses;
  readonly probes: BlockerProbes;
  readonly lookUpName: NameLookup;
  /** How this host routes to a server at present. */
  readonly routes: RouteProbe;
  /** Whether sockets can be bound to an IPv4 address at present. */
  readonly canBind: (address: Ipv4Value) => Promise<boolean>;
  /** Never rejects. */
  readonly seeFirewall: () => Promise<FirewallSight>;
  /** The only source of time and timers in the control plane. */
  readonly time: Time;
  /** Ends the program with an error. */
  readonly fail: (error: NavalisError) => void;
}
