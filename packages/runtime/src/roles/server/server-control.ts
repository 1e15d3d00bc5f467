import { formatIpv4, teredoPort } from '@navalis/address';
import { type Configuration, changedKeys, type ServerConfiguration } from '@navalis/config';
import { directedBroadcasts, type HostAddresses } from '@navalis/life';
import { NavalisError } from '../../navalis-error.ts';
import { type StatusReport, statusReport } from '../../status/status-report.ts';
import { requireAddresses } from '../../waiting/require-addresses.ts';
import type { DataPlaneHandle } from '../../worker/data-plane-handle.ts';
import { dataPlaneSettings } from '../../worker/data-plane-settings.ts';
import type { SocketSettings } from '../../worker/messages.ts';
import type { ServerEngineSettings, ServerEngineUpdate } from '../../worker/settings.ts';
import { changedFields } from '../shared/changed-fields.ts';
import { narratingObserver } from '../shared/narration.ts';
import type { ControlContext, RoleControl } from '../shared/role-control.ts';
import { rateLimitWarning } from '../shared/warnings.ts';

/** A server: two sockets, and raw IPv6 output for the few packets that it forwards. */
export class ServerControl implements RoleControl {
  #configuration: ServerConfiguration;
  readonly #context: ControlContext;
  #dataPlane: DataPlaneHandle | undefined;

  constructor(configuration: ServerConfiguration, context: ControlContext) {
    this.#configuration = configuration;
    this.#context = context;
  }

  async start(): Promise<void> {
    const { primary, secondary } = this.#configuration;
    const { logger } = this.#context;
    await requireAddresses(
      [
        { address: primary, key: 'primary-address' },
        ...(secondary === undefined ? [] : [{ address: secondary, key: 'secondary-address' }]),
      ],
      this.#context,
    );
    const host = this.#context.readHostAddresses();
    const sockets: SocketSettings[] = [{ endpoint: { address: primary, port: teredoPort } }];
    if (secondary !== undefined) sockets.push({ endpoint: { address: secondary, port: teredoPort } });
    const engine: ServerEngineSettings = { ...this.#configuration.engine, primary, secondary };
    const { handle } = await this.#context.startDataPlane(
      dataPlaneSettings(this.#configuration, host, sockets, engine),
      narratingObserver('server', this.#context),
    );
    this.#dataPlane = handle;
    const addresses = sockets.map((socket) => formatIpv4(socket.endpoint.address)).join(' and ');
    logger.info(`Listening on UDP port ${teredoPort} of ${addresses}.`);
    if (secondary === undefined)
      logger.warn(
        'Without a secondary address, clients stay off-line: they need it to determine their NAT. Set the key secondary-address.',
      );
    if (!engine.rateLimit) logger.warn(rateLimitWarning);
  }

  hostChanged(host: HostAddresses): void {
    this.#dataPlane?.replaceDirectedBroadcasts(directedBroadcasts(host));
  }

  reconfigured(configuration: Configuration): void {
    if (configuration.role !== 'server') return;
    const before = this.#configuration;
    this.#configuration = configuration;
    const changed = changedKeys(before, configuration);
    const { extraGlobalIpv4, extraGlobalIpv6, engine } = configuration;
    if (changed.includes('extra-global-ipv4')) this.#dataPlane?.replaceExtraGlobalIpv4(extraGlobalIpv4);
    const { clientKeys, ...others } = engine;
    const hasNewKeys = changed.includes('client-keys') && clientKeys !== undefined;
    const update: ServerEngineUpdate = {
      ...changedFields(before.engine, others),
      ...(hasNewKeys && { clientKeys }),
      ...(changed.includes('extra-global-ipv6') && { extraGlobalIpv6 }),
    };
    if (Object.keys(update).length > 0) this.#dataPlane?.update(update);
    if (hasNewKeys) this.#context.logger.info(readAgainSentence(clientKeys.length, before.engine.clientKeys?.length));
    if (changed.includes('rate-limit') && !engine.rateLimit) this.#context.logger.warn(rateLimitWarning);
  }

  async status(): Promise<StatusReport> {
    const status = await this.#dataPlane?.status();
    if (status === undefined) throw new NavalisError('not-running', 'The server is ending.');
    const local = { address: this.#configuration.primary, port: teredoPort };
    return statusReport({ role: 'server', version: this.#context.version, local }, status);
  }

  async stop(): Promise<void> {
    await this.#dataPlane?.stop();
  }
}

/** Shows a loss of clients, which nobody may have intended. */
function readAgainSentence(now: number, before = 0): string {
  return `The secrets of clients were read again: ${now}${now < before ? `, before ${before}` : ''}.`;
}
