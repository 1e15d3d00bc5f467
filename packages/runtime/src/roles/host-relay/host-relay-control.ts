import {
  formatIpv6,
  type Ipv4Endpoint,
  type Ipv6Prefix,
  type Ipv6Value,
  teredoPort,
  teredoServicePrefix,
} from '@navalis/address';
import { type Configuration, changedKeys, type HostRelayConfiguration, ipv6PolicyOf } from '@navalis/config';
import { directedBroadcasts, globalIpv6Addresses, type HostAddresses, Ipv4Network, ipv4Addresses } from '@navalis/life';
import { NavalisError } from '../../navalis-error.ts';
import type { PeerAccess } from '../../peers/peer-access.ts';
import { relayPeerAccess } from '../../peers/relay-peer-access.ts';
import { recoveringReport, type StatusReport, statusReport } from '../../status/status-report.ts';
import { hostRelayPlan, type InterfacePlan } from '../../tunnel/interface-plans.ts';
import { TunnelInterface } from '../../tunnel/tunnel-interface.ts';
import { requireAddresses } from '../../waiting/require-addresses.ts';
import type { DataPlaneHandle } from '../../worker/data-plane-handle.ts';
import { dataPlaneSettings } from '../../worker/data-plane-settings.ts';
import type { DataPlaneSettings } from '../../worker/messages.ts';
import type { RelayEngineSettings, RelayEngineUpdate } from '../../worker/settings.ts';
import { InterfaceRecovery } from '../shared/interface-recovery.ts';
import { narratingObserver } from '../shared/narration.ts';
import type { ControlContext, RoleControl } from '../shared/role-control.ts';

/** A data plane and the addresses that it serves. */
interface Running {
  readonly handle: DataPlaneHandle;
  readonly interface: TunnelInterface;
  readonly local: Ipv4Endpoint;
  addresses: readonly Ipv6Value[];
}

/**
 * A host-specific relay: it has a data plane exactly while this host has a global IPv6 address (HR-05, HR-06). Without one it
 * fails, and the caller waits.
 */
export class HostRelayControl implements RoleControl {
  #configuration: HostRelayConfiguration;
  readonly #context: ControlContext;
  readonly #recovery: InterfaceRecovery;
  readonly #network: Ipv4Network = new Ipv4Network();
  #running: Running | undefined;

  constructor(configuration: HostRelayConfiguration, context: ControlContext) {
    this.#configuration = configuration;
    this.#context = context;
    this.#recovery = new InterfaceRecovery(configuration.interfaceName, context, {
      close: () => this.#close(),
      open: () => this.#reopen(),
    });
  }

  start(): Promise<void> {
    return this.#recovery.follow(this.#open());
  }

  hostChanged(host: HostAddresses): void {
    if (!this.#recovery.isActive) this.#followHost(host);
  }

  #followHost(host: HostAddresses): void {
    const running = this.#running;
    if (running === undefined) return;
    const addresses = this.#addressesOf(host);
    if (addresses.length === 0) {
      this.#context.fail(noGlobalIpv6());
      return;
    }
    running.handle.replaceDirectedBroadcasts(directedBroadcasts(host));
    this.#serve(running, host, addresses);
  }

  reconfigured(configuration: Configuration): void {
    if (configuration.role !== 'host-relay') return;
    const changed = changedKeys(this.#configuration, configuration);
    this.#configuration = configuration;
    const running = this.#running;
    if (running === undefined) return;
    const { extraGlobalIpv4, extraGlobalIpv6 } = configuration;
    if (changed.includes('extra-global-ipv4')) running.handle.replaceExtraGlobalIpv4(extraGlobalIpv4);
    const update: RelayEngineUpdate = { changes: { extraGlobalIpv6 } };
    if (changed.includes('extra-global-ipv6')) running.handle.update(update);
    if (changed.includes('route-metric')) {
      running.interface.carry(this.#planFor(running.addresses)).catch(this.#context.fail);
    }
    this.hostChanged(this.#context.readHostAddresses());
  }

  async status(): Promise<StatusReport> {
    const { interfaceName } = this.#configuration;
    const { version } = this.#context;
    const { since } = this.#recovery;
    const running = this.#running;
    const status = await running?.handle.status();
    if (status === undefined && since !== undefined) return recoveringReport('host-relay', version, since);
    if (running === undefined || status === undefined) {
      throw new NavalisError('not-running', 'The host-specific relay is ending.');
    }
    const report = { role: 'host-relay', version, local: running.local, interfaceName } as const;
    return statusReport(report, { ...status, address: status.address ?? running.addresses[0] });
  }

  peerAccess(): PeerAccess | undefined {
    const { interfaceName } = this.#configuration;
    const parts = { servicePrefix: teredoServicePrefix, interfaceName, routes: this.#context.routes };
    return this.#running && relayPeerAccess(this.#running.handle, parts);
  }

  async stop(): Promise<void> {
    await this.#recovery.stop();
    await this.#close();
  }

  async #close(): Promise<void> {
    const running = this.#running;
    this.#running = undefined;
    const closed = running?.interface.close();
    await running?.handle.stop();
    await closed;
  }

  #addressesOf(host: HostAddresses): readonly Ipv6Value[] {
    return globalIpv6Addresses(host, ipv6PolicyOf(this.#configuration));
  }

  #serve(running: Running, host: HostAddresses, addresses: readonly Ipv6Value[]): void {
    const networkChanged = this.#network.hasChanged(host);
    const update: RelayEngineUpdate = {
      ...served(addresses),
      ownIpv4Addresses: ipv4Addresses(host),
      ...(networkChanged && { networkChanged }),
    };
    running.handle.update(update);
    const before = addressList(running.addresses);
    running.addresses = addresses;
    if (addressList(addresses) === before) return;
    this.#context.logger.info(`Now serving ${addressList(addresses)}.`);
    running.interface.carry(this.#planFor(addresses)).catch(this.#context.fail);
  }

  #planFor(addresses: readonly Ipv6Value[]): InterfacePlan {
    const { interfaceName, routeMetric } = this.#configuration;
    return hostRelayPlan(interfaceName, teredoServicePrefix, routeMetric, addresses);
  }

  async #reopen(): Promise<void> {
    await this.#open();
    // This host may have changed while the data plane started.
    this.#followHost(this.#context.readHostAddresses());
  }

  async #open(): Promise<void> {
    const host = this.#context.readHostAddresses();
    const addresses = this.#addressesOf(host);
    if (addresses.length === 0) throw noGlobalIpv6();
    this.#network.hasChanged(host);
    const { bindAddress, bindPort, interfaceName } = this.#configuration;
    await requireAddresses([{ address: bindAddress, key: 'bind-address' }], this.#context);
    const engine: RelayEngineSettings = {
      ...this.#configuration.engine,
      kind: 'host',
      ...served(addresses),
      ownIpv4Addresses: ipv4Addresses(host),
    };
    const { handle, bound } = await this.#openDataPlane(bindPort, (port) =>
      dataPlaneSettings(this.#configuration, host, [{ endpoint: { address: bindAddress, port } }], engine),
    );
    const { pace } = this.#recovery;
    const tunnel = new TunnelInterface(interfaceName, this.#context, () => this.#recovery.begin(), pace);
    this.#running = { handle, interface: tunnel, local: bound[0]!, addresses };
    await tunnel.carry(this.#planFor(addresses));
    const sentence = `Reaching Teredo clients through interface ${interfaceName} and UDP port ${bound[0]!.port} for ${addressList(addresses)}.`;
    this.#context.logger.info(sentence);
  }

  /** Opens the configured port. If the default port is in use, any port will do: clients learn it from each bubble (HR-20). */
  async #openDataPlane(
    port: number,
    settingsFor: (port: number) => DataPlaneSettings<RelayEngineSettings>,
  ): ReturnType<ControlContext['startDataPlane']> {
    const narrator = narratingObserver('host-specific relay', this.#context);
    const observer: typeof narrator = {
      ...narrator,
      failed: (error) => (error.code === 'interface-gone' ? this.#recovery.begin() : narrator.failed(error)),
    };
    try {
      return await this.#context.startDataPlane(settingsFor(port), observer);
    } catch (error) {
      if (!(error instanceof NavalisError) || error.code !== 'address-in-use' || port !== teredoPort) throw error;
      this.#context.logger.warn(`UDP port ${teredoPort} is in use by another program: using any free port instead.`);
      return this.#context.startDataPlane(settingsFor(0), observer);
    }
  }
}

function noGlobalIpv6(): NavalisError {
  return new NavalisError(
    'no-global-ipv6',
    'A host-specific relay needs a global IPv6 address, but this host has none: add one, or set mode to auto to run a client instead.',
  );
}

function served(addresses: readonly Ipv6Value[]): { localAddress: Ipv6Value; servedRanges: readonly Ipv6Prefix[] } {
  return { localAddress: addresses[0]!, servedRanges: addresses.map((address) => ({ address, length: 128 })) };
}

function addressList(addresses: readonly Ipv6Value[]): string {
  return addresses.map(formatIpv6).join(', ');
}
