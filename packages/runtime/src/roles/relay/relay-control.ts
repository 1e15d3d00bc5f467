import { formatIpv6, type Ipv4Endpoint, type Ipv6Policy, type Ipv6Value } from '@navalis/address';
import { type Configuration, changedKeys, ipv6PolicyOf, type RelayConfiguration } from '@navalis/config';
import { directedBroadcasts, globalIpv6Addresses, type HostAddresses, Ipv4Network, ipv4Addresses } from '@navalis/life';
import { NavalisError } from '../../navalis-error.ts';
import type { PeerAccess } from '../../peers/peer-access.ts';
import { relayPeerAccess } from '../../peers/relay-peer-access.ts';
import { recoveringReport, type StatusReport, statusReport } from '../../status/status-report.ts';
import { type InterfacePlan, relayPlan, servicePrefixText } from '../../tunnel/interface-plans.ts';
import { TunnelInterface } from '../../tunnel/tunnel-interface.ts';
import { requireAddresses } from '../../waiting/require-addresses.ts';
import type { DataPlaneHandle } from '../../worker/data-plane-handle.ts';
import { dataPlaneSettings } from '../../worker/data-plane-settings.ts';
import type { RelayEngineSettings, RelayEngineUpdate } from '../../worker/settings.ts';
import { InterfaceRecovery } from '../shared/interface-recovery.ts';
import { narratingObserver } from '../shared/narration.ts';
import type { ControlContext, RoleControl } from '../shared/role-control.ts';
import { rateLimitWarning } from '../shared/warnings.ts';
import { Announcement } from './announcement.ts';

/** A relay: a router whose interface receives the packets for the service prefix. */
export class RelayControl implements RoleControl {
  #configuration: RelayConfiguration;
  readonly #context: ControlContext;
  #policy: Ipv6Policy;
  readonly #recovery: InterfaceRecovery;
  #interface: TunnelInterface | undefined;
  #dataPlane: DataPlaneHandle | undefined;
  #local: Ipv4Endpoint | undefined;
  #address: Ipv6Value | undefined;
  readonly #network: Ipv4Network = new Ipv4Network();
  /** Undefined without an announcement table. */
  readonly #announcement: Announcement | undefined;

  constructor(configuration: RelayConfiguration, context: ControlContext) {
    this.#configuration = configuration;
    this.#context = context;
    this.#policy = ipv6PolicyOf(configuration, configuration.engine.servicePrefix);
    this.#recovery = new InterfaceRecovery(configuration.interfaceName, context, {
      close: () => this.#close(),
      open: () => this.#reopen(),
    });
    const { announcementTable: table, engine } = configuration;
    const subject = table === undefined ? undefined : { table, prefix: servicePrefixText(engine.servicePrefix) };
    this.#announcement = subject && new Announcement(subject, context, () => this.#followPlan());
  }

  async start(): Promise<void> {
    const { ipv6Address, interfaceName } = this.#configuration;
    const { servicePrefix, rateLimit } = this.#configuration.engine;
    const { logger } = this.#context;
    const localAddress = ipv6Address ?? globalIpv6Addresses(this.#context.readHostAddresses(), this.#policy)[0];
    if (localAddress === undefined) throw noGlobalIpv6();
    await this.#recovery.follow(this.#open(localAddress));
    const prefix = formatIpv6({ word0: servicePrefix, word1: 0, word2: 0, word3: 0 });
    logger.info(
      `Relaying ${prefix}/32 through interface ${interfaceName}: UDP port ${this.#local!.port}, IPv6 address ${formatIpv6(localAddress)}.`,
    );
    if (!rateLimit) logger.warn(rateLimitWarning);
  }

  async #reopen(): Promise<void> {
    await this.#open(this.#address!);
    // This host may have changed while the data plane started.
    this.#followHost(this.#context.readHostAddresses());
  }

  /** Starts the data plane and routes the service prefix into its interface. */
  async #open(localAddress: Ipv6Value): Promise<void> {
    const { bindAddress, bindPort, interfaceName } = this.#configuration;
    const host = this.#context.readHostAddresses();
    await requireAddresses([{ address: bindAddress, key: 'bind-address' }], this.#context);
    this.#network.hasChanged(host);
    const observer = narratingObserver('relay', this.#context);
    const engine: RelayEngineSettings = {
      ...this.#configuration.engine,
      kind: 'relay',
      localAddress,
      servedRanges: this.#configuration.servedPrefixes,
      ownIpv4Addresses: ipv4Addresses(host),
    };
    const { handle, bound } = await this.#context.startDataPlane(
      dataPlaneSettings(this.#configuration, host, [{ endpoint: { address: bindAddress, port: bindPort } }], engine),
      {
        ...observer,
        failed: (error) => (error.code === 'interface-gone' ? this.#recovery.begin() : observer.failed(error)),
      },
    );
    this.#dataPlane = handle;
    this.#local = bound[0];
    this.#address = localAddress;
    this.#interface = new TunnelInterface(
      interfaceName,
      this.#context,
      () => this.#recovery.begin(),
      this.#recovery.pace,
    );
    await this.#interface.carry(this.#plan());
    this.#announcement?.interfaceChanged(true);
  }

  #plan(): InterfacePlan {
    const { interfaceName, engine, hasServiceRoute, routeMetric } = this.#configuration;
    const metric = hasServiceRoute ? routeMetric : undefined;
    return relayPlan(interfaceName, engine.servicePrefix, metric, this.#announcement?.plan);
  }

  #followPlan(): void {
    this.#interface?.carry(this.#plan()).catch(this.#context.fail);
  }

  async #close(): Promise<void> {
    this.#announcement?.interfaceChanged(false);
    // The route goes before the interface: routers must not wait for the kernel.
    await this.#interface?.settled();
    const closed = this.#interface?.close();
    await this.#dataPlane?.stop();
    await closed;
  }

  hostChanged(host: HostAddresses): void {
    if (!this.#recovery.isActive) this.#followHost(host);
  }

  #followHost(host: HostAddresses): void {
    this.#dataPlane?.replaceDirectedBroadcasts(directedBroadcasts(host));
    const ownIpv4Addresses = ipv4Addresses(host);
    const localAddress = this.#follow(host);
    const networkChanged = this.#network.hasChanged(host);
    const update: RelayEngineUpdate = {
      ownIpv4Addresses,
      ...(localAddress && { localAddress }),
      ...(networkChanged && { networkChanged }),
    };
    this.#dataPlane?.update(update);
  }

  reconfigured(configuration: Configuration): void {
    if (configuration.role !== 'relay') return;
    const before = this.#configuration;
    this.#configuration = configuration;
    const { extraGlobalIpv4, extraGlobalIpv6, servedPrefixes } = configuration;
    const { rateLimit, newClientsPerSecond, servicePrefix } = configuration.engine;
    this.#policy = ipv6PolicyOf(configuration, servicePrefix);
    const changed = changedKeys(before, configuration);
    if (changed.includes('extra-global-ipv4')) this.#dataPlane?.replaceExtraGlobalIpv4(extraGlobalIpv4);
    const limits = { rateLimit, ...(newClientsPerSecond !== undefined && { newClientsPerSecond }) };
    const update: RelayEngineUpdate = { servedRanges: servedPrefixes, changes: { ...limits, extraGlobalIpv6 } };
    this.#dataPlane?.update(update);
    if (changed.includes('route-metric') || changed.includes('service-route')) this.#followPlan();
    if (changed.includes('rate-limit') && !rateLimit) this.#context.logger.warn(rateLimitWarning);
    this.hostChanged(this.#context.readHostAddresses());
  }

  drain(): boolean {
    this.#announcement?.drain();
    return true;
  }

  async status(): Promise<StatusReport> {
    const status = await this.#dataPlane?.status();
    const { version } = this.#context;
    const { since } = this.#recovery;
    const announcement = this.#announcement && { announcement: this.#announcement.report };
    if (status === undefined && since !== undefined) {
      return { ...recoveringReport('relay', version, since), ...announcement };
    }
    if (status === undefined) throw new NavalisError('not-running', 'The relay is ending.');
    const { interfaceName } = this.#configuration;
    const context = { role: 'relay', version, local: this.#local, interfaceName } as const;
    return { ...statusReport(context, { ...status, address: status.address ?? this.#address }), ...announcement };
  }

  peerAccess(): PeerAccess | undefined {
    const { interfaceName, engine } = this.#configuration;
    const parts = { servicePrefix: engine.servicePrefix, interfaceName, routes: this.#context.routes };
    return this.#dataPlane && relayPeerAccess(this.#dataPlane, parts);
  }

  async stop(): Promise<void> {
    this.#announcement?.drain();
    await this.#recovery.stop();
    await this.#close();
    this.#announcement?.end();
    this.#context.degradations.drop('no-global-ipv6');
  }

  /** Returns the relay's next address if the one found on this host is gone (RL-A-11); a configured address stays. */
  #follow(host: HostAddresses): Ipv6Value | undefined {
    const { ipv6Address } = this.#configuration;
    if (ipv6Address !== undefined || this.#address === undefined) return undefined;
    const before = formatIpv6(this.#address);
    const candidates = globalIpv6Addresses(host, this.#policy);
    const [next] = candidates;
    if (next === undefined) {
      this.#context.degradations.raise('no-global-ipv6', {
        sentence: `This host no longer has a global IPv6 address; the relay still sends from ${before}.`,
        evidence: before,
        cure: 'Add a global IPv6 address, or set --ipv6-address to one that is routed to this host.',
      });
      return undefined;
    }
    this.#context.degradations.clear('no-global-ipv6');
    if (!candidates.some((candidate) => formatIpv6(candidate) === before)) {
      this.#address = next;
      this.#context.logger.info(`Sending from IPv6 address ${formatIpv6(next)}, because ${before} is gone.`);
      return next;
    }
    return undefined;
  }
}

function noGlobalIpv6(): NavalisError {
  const sentence =
    'A relay needs a global IPv6 address, but this host has none: add one, or set --ipv6-address to one that is routed to this host.';
  return new NavalisError('no-global-ipv6', sentence);
}
