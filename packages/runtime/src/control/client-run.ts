import type { Ipv4Endpoint } from '@navalis/address';
import { type ClientConfiguration, ipv4PolicyOf } from '@navalis/config';
import { type EngineEvent, NavalisError } from '@navalis/engine';
import { directedBroadcasts, type HostAddresses } from '../host/host-addresses.ts';
import { localAddressTowards } from '../host/local-address.ts';
import { describeServer, resolveServers } from '../host/resolve-servers.ts';
import { type StatusReport, statusReport } from '../status/status-report.ts';
import { ClientInterface } from './client-interface.ts';
import type { DataPlaneHandle, DataPlaneObserver } from './data-plane-handle.ts';
import { narratingObserver } from './narration.ts';
import type { ControlContext } from './role-control.ts';
import { boundEndpoint, type ClientEngineSettings, type ClientEngineUpdate } from './settings.ts';

/** A client at work: its interface has an address exactly while the engine has one. */
export class ClientRun {
  readonly #configuration: ClientConfiguration;
  readonly #context: ControlContext;
  readonly #interface: ClientInterface;
  readonly #observer: DataPlaneObserver;
  #dataPlane: DataPlaneHandle | undefined;
  #local: Ipv4Endpoint | undefined;
  /** This host's IPv4 addresses as text, for comparison. */
  #ipv4 = '';

  constructor(configuration: ClientConfiguration, context: ControlContext) {
    this.#configuration = configuration;
    this.#context = context;
    this.#observer = narratingObserver('client', context);
    this.#interface = new ClientInterface(configuration.interfaceName, context.runIp);
  }

  async start(): Promise<void> {
    const { bindAddress, bindPort, interfaceName, extraGlobalIpv4 } = this.#configuration;
    const policy = ipv4PolicyOf(this.#configuration);
    const { logger } = this.#context;
    const servers = await resolveServers(this.#configuration.servers, policy, (error) => logger.warn(error.message));
    const localAddress = bindAddress !== 0 ? bindAddress : await localAddressTowards(servers[0]!.primary);
    if (localAddress === undefined) logger.warn(`There is no IPv4 route to server ${describeServer(servers[0]!)} yet.`);
    const host = this.#context.readHostAddresses();
    this.#ipv4 = JSON.stringify(host.ipv4);
    const engine: ClientEngineSettings = { servers, localAddress: localAddress ?? 0 };
    const { handle, bound } = await this.#context.startDataPlane(
      {
        devices: {
          sockets: [{ role: 'service', endpoint: { address: bindAddress, port: bindPort } }],
          interfaceName,
          offload: this.#configuration.offload === 'auto',
        },
        extraGlobalIpv4,
        directedBroadcasts: directedBroadcasts(host),
        engine,
      },
      { event: (event) => this.#follow(event), failed: this.#context.fail },
    );
    this.#dataPlane = handle;
    this.#local = boundEndpoint(bound[0]!, localAddress);
  }

  hostChanged(host: HostAddresses): void {
    const ipv4 = JSON.stringify(host.ipv4);
    // The tunnel runs over IPv4: what comes and goes in IPv6 does not move its endpoint.
    if (ipv4 === this.#ipv4) return;
    this.#ipv4 = ipv4;
    this.#dataPlane?.replaceDirectedBroadcasts(directedBroadcasts(host));
    const update: ClientEngineUpdate = { kind: 'network-changed' };
    this.#dataPlane?.update(update);
  }

  async status(): Promise<StatusReport> {
    const status = await this.#dataPlane?.status();
    if (status === undefined) throw new NavalisError('not-running', 'The client is ending.');
    // Who reads of an address may use it at once.
    await this.#interface.settled();
    const { interfaceName } = this.#configuration;
    return statusReport({ role: 'client', version: this.#context.version, local: this.#local, interfaceName }, status);
  }

  async stop(): Promise<void> {
    const closed = this.#interface.close();
    await this.#dataPlane?.stop();
    await closed;
  }

  #follow(event: EngineEvent): void {
    const change = this.#change(event);
    if (change === undefined) this.#observer.event(event);
    else change.then(() => this.#observer.event(event), this.#context.fail);
  }

  #change(event: EngineEvent): Promise<void> | undefined {
    if (event.kind === 'address-assigned') return this.#interface.carry(event.address, event.mtu);
    return event.kind === 'address-lost' ? this.#interface.clear() : undefined;
  }
}
