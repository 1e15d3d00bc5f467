import {
  type ClientConfiguration,
  type Configuration,
  type HostRelayConfiguration,
  ipv6PolicyOf,
} from '@navalis/config';
import { FunctionChoice, type HostAddresses, type HostFunction, ipv6ConnectivityOf } from '@navalis/life';
import { NavalisError } from '../../navalis-error.ts';
import type { PeerAccess } from '../../peers/peer-access.ts';
import { DeadlineTimer } from '../../scheduling/deadline-timer.ts';
import { SerialWork } from '../../scheduling/serial-work.ts';
import { Moment } from '../../scheduling/time.ts';
import type { StatusReport } from '../../status/status-report.ts';
import { PatientControl } from '../../waiting/patient-control.ts';
import { ClientControl } from '../client/client-control.ts';
import type { ControlContext, RoleControl } from '../shared/role-control.ts';
import { HostRelayControl } from './host-relay-control.ts';

/** A running function. */
interface Active {
  readonly name: HostFunction;
  readonly control: RoleControl;
  readonly since: Moment;
}

/**
 * A host-specific relay in mode `auto`: the relay's function while this host has native IPv6 connectivity, else the client's (HR-05,
 * HR-07, HR-18). At a hand-over, the old function ends completely before the new one starts, so that both can use the same
 * interface name.
 */
export class HostFunctionControl implements RoleControl {
  #configuration: HostRelayConfiguration;
  #client: ClientConfiguration;
  readonly #context: ControlContext;
  #choice: FunctionChoice | undefined;
  #active: Active | undefined;
  readonly #work: SerialWork = new SerialWork();
  readonly #timer: DeadlineTimer;

  constructor(configuration: HostRelayConfiguration, client: ClientConfiguration, context: ControlContext) {
    this.#configuration = configuration;
    this.#client = client;
    this.#context = context;
    this.#timer = new DeadlineTimer(context.time, () => this.#enqueue(() => this.#follow()));
  }

  async start(): Promise<void> {
    this.#choice = new FunctionChoice(this.#hasGlobalIpv6(this.#context.readHostAddresses()));
    await this.#begin(this.#choice.current);
  }

  hostChanged(host: HostAddresses): void {
    this.#enqueue(async () => {
      const hasGlobal = this.#hasGlobalIpv6(host);
      this.#choice?.observe(hasGlobal, this.#context.time.now());
      await this.#follow();
      // A relay without an address would end and forget its clients, although the address may return in a moment.
      if (this.#active?.name === 'client' || hasGlobal) this.#active?.control.hostChanged(host);
    });
  }

  reconfigured(configuration: Configuration): void {
    if (configuration.role !== 'host-relay' || configuration.client === undefined) return;
    const { client } = configuration;
    this.#enqueue(async () => {
      this.#configuration = configuration;
      this.#client = client;
      const active = this.#active;
      active?.control.reconfigured?.(active.name === 'relay' ? configuration : client);
    });
    this.hostChanged(this.#context.readHostAddresses());
  }

  resumed(sleptMs: number): void {
    this.#enqueue(async () => this.#active?.control.resumed?.(sleptMs));
  }

  async status(): Promise<StatusReport> {
    await this.#work.settled();
    const active = this.#active;
    if (active === undefined || this.#work.isClosed) {
      throw new NavalisError('not-running', 'The host-specific relay is ending.');
    }
    const report = await active.control.status();
    return { ...report, role: 'host-relay', function: active.name, functionSince: active.since.text };
  }

  peerAccess(): PeerAccess | undefined {
    return this.#active?.control.peerAccess?.();
  }

  async stop(): Promise<void> {
    await this.#work.close();
    this.#timer.clear();
    await this.#active?.control.stop();
  }

  #enqueue(change: () => Promise<void>): void {
    this.#work.run(change).catch(this.#context.fail);
  }

  /** Runs the function that the choice names. */
  async #follow(): Promise<void> {
    const choice = this.#choice!;
    choice.handleDeadline(this.#context.time.now());
    if (this.#active?.name !== choice.current) await this.#handOver(choice.current);
    this.#timer.set(choice.nextDeadline());
  }

  async #handOver(name: HostFunction): Promise<void> {
    this.#context.logger.info({ function: name }, handOverSentences[name]);
    await this.#active?.control.stop();
    this.#context.events.tell({ event: 'function-changed', function: name });
    // Not awaited: name servers may be silent for long, and `status` and `stop` must not wait for them.
    this.#begin(name).catch(this.#context.fail);
  }

  async #begin(name: HostFunction): Promise<void> {
    const control =
      name === 'relay'
        ? new PatientControl(this.#configuration, this.#context, (own, parts) => new HostRelayControl(own, parts))
        : new ClientControl(this.#client, this.#context);
    this.#active = { name, control, since: new Moment(this.#context.time) };
    await control.start();
    this.#context.stateChanged();
  }

  #hasGlobalIpv6(host: HostAddresses): boolean {
    return ipv6ConnectivityOf(host, ipv6PolicyOf(this.#configuration)) !== undefined;
  }
}

const handOverSentences: Readonly<Record<HostFunction, string>> = {
  relay: 'This host has native IPv6 connectivity: switching to the host-specific relay.',
  client: 'This host no longer has native IPv6 connectivity: switching to the client.',
};
