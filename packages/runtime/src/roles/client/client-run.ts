import type { Ipv4Endpoint, Ipv4Value } from '@navalis/address';
import { type ClientConfiguration, type Configuration, changedKeys, type TurnConfiguration } from '@navalis/config';
import type { EngineEvent } from '@navalis/engine';
import {
  type ControlEvent,
  directedBroadcasts,
  type HostAddresses,
  Ipv4Network,
  type RestorePace,
} from '@navalis/life';
import { NavalisError } from '../../navalis-error.ts';
import type { PeerAccess } from '../../peers/peer-access.ts';
import type { ClientMemory } from '../../state/client-memory.ts';
import { type StatusReport, statusReport } from '../../status/status-report.ts';
import { clientPlan } from '../../tunnel/interface-plans.ts';
import { TunnelInterface } from '../../tunnel/tunnel-interface.ts';
import { requireAddresses } from '../../waiting/require-addresses.ts';
import type { DataPlaneHandle } from '../../worker/data-plane-handle.ts';
import { dataPlaneSettings } from '../../worker/data-plane-settings.ts';
import type { DataPlaneSettings, SocketSettings } from '../../worker/messages.ts';
import { boundEndpoint, type ClientEngineSettings, type ClientEngineUpdate } from '../../worker/settings.ts';
import { type NarratingObserver, narratingObserver } from '../shared/narration.ts';
import type { ControlContext, RoleControl } from '../shared/role-control.ts';
import { type CarriedAddress, routingKeys } from './client-activity.ts';
import type { FirewallHint } from './firewall-hint.ts';
import { IdleWatch } from './idle-watch.ts';
import { LocalLinkFollower } from './local-link-follower.ts';
import { ServicePortMapping } from './port-mapping/service-port-mapping.ts';
import { RouteFollower } from './route-follower.ts';
import { ServerList } from './server-list.ts';
import { followServerSilence } from './server-silence.ts';
import { TurnServers } from './turn/turn-servers.ts';

/** The parts that a run shares with the runs before and after it. */
export interface ClientRunParts {
  readonly firewallHint: FirewallHint;
  readonly requests: ClientRunRequests;
  readonly pace: RestorePace;
  readonly memory: ClientMemory;
  /** The TURN servers, one of which is to relay; undefined: the client uses a port of this host. */
  readonly turn: TurnConfiguration | undefined;
}

/** The requests of a run that cannot continue unchanged. */
export interface ClientRunRequests {
  /** The host has not used the tunnel for the configured time. */
  readonly idle: (carried: CarriedAddress) => void;
  /** The interface for local discovery is there now, and needs sockets of its own. */
  readonly renew: () => void;
  /** Another program removed the tunnel interface. */
  readonly replaceInterface: () => void;
  /** No name of a TURN server resolves. */
  readonly turnUnresolved: () => void;
  /** Hears all that the engine reports. */
  readonly follow: (event: EngineEvent) => void;
}

/** A client at work: its interface has an address exactly while the engine has one. */
export class ClientRun implements RoleControl {
  #configuration: ClientConfiguration;
  readonly #context: ControlContext;
  readonly #interface: TunnelInterface;
  readonly #observer: NarratingObserver;
  readonly #servers: ServerList;
  readonly #routes: RouteFollower;
  readonly #firewallHint: FirewallHint;
  readonly #requests: ClientRunRequests;
  readonly #localLink: LocalLinkFollower;
  readonly #turn: TurnServers | undefined;
  readonly #portMapping: ServicePortMapping | undefined;
  /** Undefined through a TURN server: the port of the last run may still have an allocation there. */
  readonly #memory: ClientMemory | undefined;
  #idleWatch: IdleWatch | undefined;
  #dataPlane: DataPlaneHandle | undefined;
  /** The last address. */
  #carried: CarriedAddress | undefined;
  #hasAddress = false;
  #local: Ipv4Endpoint | undefined;
  #isEnding = false;
  readonly #network: Ipv4Network = new Ipv4Network();

  constructor(
    configuration: ClientConfiguration,
    context: ControlContext,
    { firewallHint, requests, pace, memory, turn }: ClientRunParts,
  ) {
    this.#configuration = configuration;
    this.#context = context;
    this.#firewallHint = firewallHint;
    this.#requests = requests;
    this.#localLink = new LocalLinkFollower(configuration.discoveryInterface);
    this.#observer = narratingObserver('client', context);
    this.#servers = new ServerList(configuration, context, memory.address?.word1);
    this.#turn = turn && new TurnServers(turn, context);
    this.#memory = turn === undefined ? memory : undefined;
    if (turn !== undefined) memory.forgetPort();
    this.#routes = new RouteFollower(configuration.bindAddress, context);
    this.#portMapping = ServicePortMapping.of(configuration, context, memory, (mapping) =>
      this.#update({ kind: 'port-mapped', mapping }),
    );
    this.#interface = new TunnelInterface(configuration.interfaceName, context, requests.replaceInterface, pace);
  }

  async prepare(): Promise<void> {
    await Promise.all([this.#servers.resolve(), this.#resolveTurn()]);
  }

  async #resolveTurn(): Promise<void> {
    try {
      await this.#turn?.resolve();
    } catch (error) {
      this.#requests.turnUnresolved();
      throw error;
    }
  }

  async start(): Promise<void> {
    const { bindAddress, bindPort } = this.#configuration;
    await requireAddresses([{ address: bindAddress, key: 'bind-address' }], this.#context);
    const { servers } = this.#servers;
    await this.#routes.look(servers);
    const localAddress = this.#routes.localAddress;
    const mappedPort = await this.#portMapping?.start(servers[0]!.primary, localAddress);
    const host = this.#context.readHostAddresses();
    this.#network.hasChanged(host);
    const turn = await this.#turn?.open();
    const port = mappedPort ?? (bindPort || (this.#memory?.port ?? 0));
    const external = this.#portMapping?.mapping?.external;
    const { handle, bound } = await this.#openDataPlane(port, host, (sockets) => {
      const engine: ClientEngineSettings = {
        ...this.#configuration.engine,
        kind: 'client',
        servers,
        localAddress: localAddress ?? 0,
        unreachable: this.#routes.unreachable,
        keepsPort: bindPort !== 0,
        formerAddress: this.#memory?.address,
        portMapping: external,
        localLink: this.#localLink.link,
        discoveryPortId: this.#localLink.discoveryPortId,
        turn,
      };
      return dataPlaneSettings(this.#configuration, host, sockets, engine);
    });
    this.#dataPlane = handle;
    this.#local = boundEndpoint(bound[0]!, localAddress);
    this.#followMapping();
    const present = this.#portMapping?.mapping?.external;
    // It may have come while the worker started.
    if (present !== external) this.#update({ kind: 'port-mapped', mapping: present });
    if (this.#localLink.problem !== undefined) this.#context.logger.warn(this.#localLink.problem);
    this.#routes.watch(() => this.#networkChanged());
    this.#servers.watch((events) => this.#replaceServers(events));
    this.#idleWatch = this.#watchIdleness(handle);
  }

  /** The port that the router was asked for, or that of the last run, may be taken by now: any other one will do. */
  async #openDataPlane(
    port: number,
    host: HostAddresses,
    settingsFor: (sockets: readonly SocketSettings[]) => DataPlaneSettings<ClientEngineSettings>,
  ): ReturnType<ControlContext['startDataPlane']> {
    const { bindAddress, bindPort } = this.#configuration;
    const start = (chosen: number) =>
      this.#context.startDataPlane(settingsFor(this.#localLink.open({ address: bindAddress, port: chosen }, host)), {
        event: (event) => this.#follow(event),
        failed: (error) => this.#failed(error),
      });
    try {
      return await start(port);
    } catch (error) {
      if (!(error instanceof NavalisError) || error.code !== 'address-in-use' || port === bindPort) throw error;
      return start(0);
    }
  }

  hostChanged(host: HostAddresses): void {
    // The tunnel runs over IPv4: changes of IPv6 do not move its endpoint.
    if (!this.#network.hasChanged(host)) return;
    this.#dataPlane?.replaceDirectedBroadcasts(directedBroadcasts(host));
    // Not awaited: each process takes up to 2 s, and `status` and `stop` must not wait for it.
    this.#routes.hostChanged().then(() => {
      if (!this.#isEnding) this.#followLocalLink(host);
    }, this.#context.fail);
  }

  #networkChanged(): void {
    // Without a route, there is no new local address.
    const local = { ...this.#local!, address: this.#routes.localAddress ?? this.#local!.address };
    this.#local = local;
    this.#update({ kind: 'network-changed', local, unreachable: this.#routes.unreachable });
    this.#followMapping();
    this.#refreshNames();
  }

  /** Has the router on the way to the servers map the service port. */
  #followMapping(): void {
    const [server] = this.#servers.servers;
    if (server !== undefined) this.#portMapping?.follow(server.primary, this.#localTowards(undefined));
  }

  resumed(sleptMs: number): void {
    this.#update({ kind: 'resumed', sleptMs });
    this.#portMapping?.look();
    this.#refreshNames();
  }

  /** Applies the keys that need no other socket: servers, routes of the interface, and the idle time. */
  reconfigured(configuration: Configuration): void {
    if (configuration.role !== 'client') return;
    const changed = changedKeys(this.#configuration, configuration);
    this.#configuration = configuration;
    if (changed.includes('server') || changed.includes('server-secondary')) {
      void this.#servers.reconfigure(configuration, (events) => this.#replaceServers(events));
    }
    if (routingKeys.some((key) => changed.includes(key))) {
      this.#carry()?.catch((error) => this.#failed(error));
    }
    if (changed.includes('idle-timeout') && this.#dataPlane !== undefined) {
      this.#idleWatch?.close();
      this.#idleWatch = this.#watchIdleness(this.#dataPlane);
    }
  }

  /** Gives the interface the address of the engine; undefined while there is none. */
  #carry(): Promise<void> | undefined {
    if (this.#carried === undefined || !this.#hasAddress) return undefined;
    const { address, mtu } = this.#carried;
    return this.#interface.carry(clientPlan(this.#configuration.interfaceName, address, mtu, this.#configuration));
  }

  async status(): Promise<StatusReport> {
    const status = await this.#dataPlane?.status();
    if (status === undefined) throw new NavalisError('not-running', 'The client is ending.');
    // A reader may use the reported address at once.
    await this.#interface.settled();
    const { interfaceName } = this.#configuration;
    const nameOfServer = (server: Ipv4Value) => this.#servers.nameOf(server);
    const { version } = this.#context;
    const local = this.#localTowards(status.server);
    const mapping = this.#portMapping?.mapping;
    const drops = { ...status.counters.drops, ...this.#portMapping?.drops, ...this.#turn?.drops };
    const whole = { ...status, counters: { ...status.counters, drops } };
    return statusReport({ role: 'client', version, local, interfaceName, nameOfServer, mapping }, whole);
  }

  peerAccess(): PeerAccess | undefined {
    return this.#dataPlane;
  }

  async stop(): Promise<void> {
    this.#isEnding = true;
    this.#servers.close();
    this.#routes.close();
    this.#idleWatch?.close();
    const closed = this.#interface.close();
    const removed = this.#portMapping?.close();
    await this.#dataPlane?.stop();
    this.#turn?.close();
    await closed;
    await removed;
    this.#context.degradations.drop('server-silent');
  }

  #followLocalLink(host: HostAddresses): void {
    const change = this.#localLink.follow(host);
    if (change === 'sockets-needed') this.#requests.renew();
    else if (change === 'link-changed') this.#update({ kind: 'local-link', link: this.#localLink.link });
  }

  /** Returns the local endpoint of datagrams to a server; undefined without a route. */
  #localTowards(server: Ipv4Value | undefined): Ipv4Endpoint | undefined {
    const address = server === undefined ? this.#routes.localAddress : this.#routes.localAddressTowards(server);
    return address === undefined ? undefined : { ...this.#local!, address };
  }

  #watchIdleness(dataPlane: DataPlaneHandle): IdleWatch | undefined {
    const { idleTimeoutMs } = this.#configuration;
    if (idleTimeoutMs === undefined) return undefined;
    const idle = () => {
      if (this.#carried !== undefined) this.#requests.idle(this.#carried);
    };
    const { time } = this.#context;
    return new IdleWatch(idleTimeoutMs, { time, status: () => dataPlane.status(), idle });
  }

  #failed(error: NavalisError): void {
    if (error.code === 'interface-gone') this.#requests.replaceInterface();
    else this.#context.fail(error);
  }

  #update(update: ClientEngineUpdate): void {
    this.#dataPlane?.update(update);
  }

  #refreshNames(): void {
    void this.#servers.refresh((events) => this.#replaceServers(events));
  }

  #replaceServers(events: readonly ControlEvent[]): void {
    for (const event of events) this.#observer.event(event);
    const { servers } = this.#servers;
    const tell = () => {
      if (this.#isEnding) return;
      this.#update({ kind: 'servers', servers, unreachable: this.#routes.unreachable });
      const { localAddress } = this.#routes;
      // The other server is behind another interface or gateway.
      if (localAddress !== undefined && localAddress !== this.#local?.address) this.#networkChanged();
      else this.#followMapping();
    };
    this.#routes.look(servers).then(tell, this.#context.fail);
  }

  #follow(event: EngineEvent): void {
    if (isOfServerFailing(event)) void this.#servers.refreshForRetry((events) => this.#replaceServers(events));
    // All TURN servers failed: before the next attempt their names may resolve to other addresses.
    if (event.kind === 'turn-failed' && event.retryInMs > 0) {
      void this.#turn?.refresh((servers) => this.#update({ kind: 'turn-servers', servers }));
    }
    if (event.kind === 'port-changed') {
      this.#local = event.local;
      this.#followMapping();
    }
    followServerSilence(event, this.#context.degradations);
    if (event.kind === 'address-lost') this.#servers.kept = undefined;
    if (event.kind === 'address-assigned') {
      this.#carried = event;
      this.#servers.kept = event.server;
    }
    const change = this.#change(event);
    // While the commands run: a write to the disk may take tens of milliseconds.
    if (event.kind === 'address-assigned') this.#memory?.record(this.#local!.port, event.address);
    if (change === undefined) this.#tell(event);
    else
      change.then(
        () => this.#tell(event),
        (error) => this.#failed(error),
      );
    // Last: it may report what follows from the event.
    if (!this.#isEnding) this.#requests.follow(event);
  }

  #tell(event: EngineEvent): void {
    // The cause of the end is reported instead, and an idle client keeps its address.
    if (this.#isEnding && event.kind === 'address-lost') return;
    this.#observer.event(event);
    // After the line about the address.
    if (event.kind === 'address-assigned') void this.#firewallHint.give();
  }

  #change(event: EngineEvent): Promise<void> | undefined {
    if (event.kind !== 'address-assigned' && event.kind !== 'address-lost') return undefined;
    this.#hasAddress = event.kind === 'address-assigned';
    return this.#hasAddress ? this.#carry() : this.#interface.clear();
  }
}

/** Returns true for an event after which a server's name may resolve to another address. */
function isOfServerFailing({ kind }: EngineEvent): boolean {
  return (
    kind === 'off-line' || kind === 'qualification-started' || kind === 'server-unheard' || kind === 'server-replaced'
  );
}
