import { formatIpv4, type Ipv4Endpoint, type Ipv4Prefix, parseIpv4, parseIpv6 } from '@navalis/address';
import { Counters, type EngineEvent, NavalisError } from '@navalis/engine';
import type { HostAddresses } from '@navalis/life';
import { createLogger } from '@navalis/telemetry';
import { Degradations, type DegradationsObserver } from '../src/health/degradations.ts';
import { degradedReport } from '../src/health/degraded-report.ts';
import { Upkeep } from '../src/health/upkeep.ts';
import type { HostEvent } from '../src/hooks/host-event.ts';
import type { IpCommand } from '../src/host/commands/ip-command.ts';
import type { FirewallSight } from '../src/host/firewall.ts';
import { Announcements } from '../src/host/watches/announcements.ts';
import type { ControlContext } from '../src/roles/shared/role-control.ts';
import { hostTime, type Time } from '../src/scheduling/time.ts';
import type { StateReading } from '../src/state/state-files.ts';
import type { StatusReport } from '../src/status/status-report.ts';
import type { DataPlaneObserver } from '../src/worker/data-plane-handle.ts';
import type { DataPlaneSettings, DataPlaneStatus } from '../src/worker/messages.ts';
import { FakeInterfaces } from './fake-interfaces.ts';
import { FakeMapping } from './fake-mapping.ts';

/** Returns the report of a role as a program gives it out, with the cause of its state. */
export function wholeReport(report: StatusReport): StatusReport {
  return degradedReport(report, []);
}

/** The report of a relay that works and knows nobody. */
export const relayReport: StatusReport = {
  role: 'relay',
  version: '1.2.3',
  state: 'running',
  since: '2026-01-01T00:00:00.000Z',
  peers: 0,
  counters: new Counters().snapshot(),
};

/** Hears nothing about degradations. */
export const deafObserver: DegradationsObserver = { events: { tell: () => undefined }, stateChanged: () => undefined };

/** A data plane that only records its calls. */
export class FakeDataPlane {
  readonly settings: DataPlaneSettings<never>;
  readonly observer: DataPlaneObserver;
  readonly updates: unknown[] = [];
  /** Undefined until it is told. */
  broadcasts: readonly number[] | undefined;
  isStopped = false;
  current: DataPlaneStatus = {
    state: 'running',
    since: '2026-01-01T00:00:00.000Z',
    offloads: [],
    peers: 0,
    counters: new Counters().snapshot(),
  };

  constructor(settings: DataPlaneSettings<never>, observer: DataPlaneObserver) {
    this.settings = settings;
    this.observer = observer;
  }

  async status(): Promise<DataPlaneStatus | undefined> {
    return this.isStopped ? undefined : this.current;
  }

  replaceDirectedBroadcasts(addresses: readonly number[]): void {
    this.broadcasts = addresses;
  }

  /** Undefined until it is told. */
  extraGlobalIpv4: readonly Ipv4Prefix[] | undefined;

  replaceExtraGlobalIpv4(ranges: readonly Ipv4Prefix[]): void {
    this.extraGlobalIpv4 = ranges;
  }

  update(update: unknown): void {
    this.updates.push(update);
  }

  /** The last events of an engine. */
  lastWords: readonly EngineEvent[] = [];

  async stop(): Promise<void> {
    this.isStopped = true;
    for (const event of this.lastWords) this.observer.event(event);
  }
}

/** Clocks and timers that fake timers replace; the kernel's own clock would go on. */
export const fakeTime: Time = { ...hostTime, boot: hostTime.now };

/** A machine that records the actions of a role's control plane. */
export class FakeMachine {
  readonly dataPlanes: FakeDataPlane[] = [];
  readonly commands: string[] = [];
  readonly log: string[] = [];
  /** The events for other programs. */
  readonly events: HostEvent[] = [];
  readonly failures: NavalisError[] = [];
  host: HostAddresses = { ipv4: [], ipv6: [], ipv4Gateways: [], ipv6Exits: [] };
  boundPort = 40_000;
  /** The port that another program has taken. */
  refusePort: number | undefined;
  sign: string | undefined;
  preferOther: (local: number) => boolean = () => false;
  firewall: FirewallSight = 'guards';
  readonly interfaces: FakeInterfaces = new FakeInterfaces();
  readonly announcements: Announcements = new Announcements();
  /** The local address towards a server; undefined without a route. */
  routeTo: (server: number) => number | undefined = () => parseIpv4('198.51.100.7');
  readonly states: Map<string, StateReading> = new Map<string, StateReading>();
  stateError: string | undefined;
  readonly mapping: FakeMapping = new FakeMapping();
  nextHop = 'via 198.51.100.1 dev eth0';
  /** The interface of IPv6 packets from the host. */
  ipv6Interface: string | undefined = 'teredo';
  /** Addresses that the host does not have yet. */
  readonly missingAddresses: Set<string> = new Set<string>();
  /** How often a role said that its state may be another one. */
  stateChanges = 0;
  /** The degradations of the last context. */
  degradations!: Degradations;
  readonly upkeep: Upkeep = new Upkeep();
  lookUpName: (name: string) => Promise<readonly string[]> = async () => ['8.8.8.8'];

  async context(): Promise<ControlContext> {
    const destination = { write: (text: string) => void this.log.push((JSON.parse(text) as { msg: string }).msg) };
    const logger = await createLogger({ level: 'debug', format: 'json', destination });
    const events = { tell: (event: HostEvent) => void this.events.push(event) };
    this.degradations = new Degradations(logger, fakeTime, { events, stateChanged: () => undefined });
    return {
      role: 'client',
      version: '1.2.3',
      logger,
      degradations: this.degradations,
      upkeep: this.upkeep,
      events,
      startDataPlane: (async (settings: DataPlaneSettings<never>, observer: DataPlaneObserver) => {
        if (settings.devices.sockets.some(({ endpoint }) => endpoint.port === this.refusePort)) {
          throw new NavalisError('address-in-use', 'Taken.');
        }
        const handle = new FakeDataPlane(settings, observer);
        this.dataPlanes.push(handle);
        const bound: Ipv4Endpoint[] = settings.devices.sockets.map(({ endpoint }) => ({
          address: endpoint.address,
          port: endpoint.port === 0 ? this.boundPort : endpoint.port,
        }));
        return { handle, bound };
      }) as never,
      runIp: async (commands: readonly IpCommand[]) => {
        this.commands.push(...commands.map((command) => command.join(' ')));
        this.interfaces.run(commands);
      },
      interfaces: this.interfaces,
      announcements: this.announcements,
      readHostAddresses: () => this.host,
      probes: { signOfManagement: () => this.sign, preferOther: (local) => this.preferOther(local) },
      lookUpName: (name) => this.lookUpName(name),
      stateFiles: {
        read: (path) => this.states.get(path) ?? { kind: 'absent' },
        write: (path, fields) => {
          if (this.stateError === undefined) this.states.set(path, { kind: 'read', fields });
          return this.stateError;
        },
      },
      routes: {
        localAddress: async (server) => this.routeTo(server),
        nextHop: async () => this.nextHop,
        ipv6Interface: async () => this.ipv6Interface,
      },
      portMapping: {
        openMapper: async (store, parts) => this.mapping.open(store, parts),
        freePort: async (_, preferred) => (preferred === 0 ? this.mapping.freePort : preferred),
      },
      canBind: async (address) => !this.missingAddresses.has(formatIpv4(address)),
      seeFirewall: async () => this.firewall,
      checkDirectWay: async () => false,
      time: fakeTime,
      stateChanged: () => void this.stateChanges++,
      fail: (error: NavalisError) => void this.failures.push(error),
    };
  }
}

/** A host with one IPv4 subnet, the given IPv6 addresses, and an IPv6 default route. */
export function hostWith(...ipv6: readonly string[]): HostAddresses {
  return {
    ipv4: [
      {
        address: parseIpv4('198.51.100.7')!,
        prefixLength: 24,
        interfaceName: 'eth0',
      },
    ],
    ipv4Gateways: ['eth0 01C86433'],
    ipv6Exits: ['eth0'],
    ipv6: ipv6.map((text) => ({
      address: parseIpv6(text)!,
      interfaceName: 'eth0',
      isTentative: false,
      isDeprecated: false,
      isTemporary: false,
    })),
  };
}
