import { type ClientConfiguration, type Configuration, changedKeys, type KeyName } from '@navalis/config';
import { Counters } from '@navalis/engine';
import type { DisabledReason } from '@navalis/life';
import type { NavalisError } from '../../navalis-error.ts';
import { Moment } from '../../scheduling/time.ts';
import type { StatusReport } from '../../status/status-report.ts';
import { clientPlan } from '../../tunnel/interface-plans.ts';
import { TunnelInterface } from '../../tunnel/tunnel-interface.ts';
import type { DataPlaneHandle } from '../../worker/data-plane-handle.ts';
import type { StandbySettings } from '../../worker/settings.ts';
import type { ControlContext } from '../shared/role-control.ts';
import { type CarriedAddress, type ClientActivity, routingKeys } from './client-activity.ts';

const reason: DisabledReason = 'idle';

/** Keys that say which packets wake an idle client. */
const wakingKeys: readonly KeyName[] = ['extra-global-ipv4', 'extra-global-ipv6'];

/** Returns the changed keys that end the idleness of a client. All others wait for its next run, or need none. */
export function wakingChanges(changed: readonly KeyName[], { idleTimeoutMs }: ClientConfiguration): readonly KeyName[] {
  return changed.filter((key) => wakingKeys.includes(key) || (key === 'idle-timeout' && idleTimeoutMs === undefined));
}

/** The callbacks that end a standby. */
export interface StandbyEnds {
  /** The host has a packet for the tunnel. */
  readonly wanted: () => void;
  /** Another program removed the tunnel interface. */
  readonly replaceInterface: () => void;
}

/**
 * An idle client (CL-U-10): no socket, nothing sent, no mapping in the NAT. The interface keeps the last address, because without one
 * no program of this host could send the packet that ends the idleness.
 */
export class ClientStandby implements ClientActivity {
  #configuration: ClientConfiguration;
  readonly #context: ControlContext;
  readonly #carried: CarriedAddress;
  readonly #ends: StandbyEnds;
  readonly #interface: TunnelInterface;
  readonly #since: Moment;
  /** The time that passed; a reload changes that of the next run. */
  readonly #idleTimeoutMs: number;
  #dataPlane: DataPlaneHandle | undefined;

  constructor(configuration: ClientConfiguration, context: ControlContext, carried: CarriedAddress, ends: StandbyEnds) {
    this.#configuration = configuration;
    this.#context = context;
    this.#since = new Moment(context.time);
    this.#carried = carried;
    this.#idleTimeoutMs = configuration.idleTimeoutMs!;
    this.#ends = ends;
    this.#interface = new TunnelInterface(configuration.interfaceName, context, ends.replaceInterface);
  }

  /** The time without use, as evidence. */
  get evidence(): string {
    return `${this.#idleTimeoutMs / 1000} s`;
  }

  async start(): Promise<void> {
    const engine: StandbySettings = { kind: 'standby' };
    const { handle } = await this.#context.startDataPlane(
      {
        devices: { sockets: [], interfaceName: this.#configuration.interfaceName, offload: false },
        extraGlobalIpv4: this.#configuration.extraGlobalIpv4,
        extraGlobalIpv6: this.#configuration.extraGlobalIpv6,
        directedBroadcasts: [],
        engine,
      },
      {
        event: (event) => {
          if (event.kind === 'wanted') this.#ends.wanted();
        },
        // A new run creates a new interface.
        failed: (error) => this.#failed(error),
      },
    );
    this.#dataPlane = handle;
    await this.#carry();
  }

  /** Gives the interface the last address, with its routes. */
  async #carry(): Promise<void> {
    const { address, mtu } = this.#carried;
    const plan = clientPlan(this.#configuration.interfaceName, address, mtu, this.#configuration);
    await this.#interface.carry(plan).catch((error) => this.#failed(error));
  }

  /** Applies the routes of the interface and the idle time; the next run takes the rest. */
  reconfigured(configuration: Configuration): void {
    if (configuration.role !== 'client') return;
    const changed = changedKeys(this.#configuration, configuration);
    this.#configuration = configuration;
    if (routingKeys.some((key) => changed.includes(key))) void this.#carry();
  }

  #failed(error: NavalisError): void {
    if (error.code === 'interface-gone') this.#ends.replaceInterface();
    else this.#context.fail(error);
  }

  async hostChanged(): Promise<void> {}

  resumed(): void {}

  async status(): Promise<StatusReport> {
    const { version } = this.#context;
    const { interfaceName } = this.#configuration;
    return {
      role: 'client',
      version,
      state: 'disabled',
      since: this.#since.text,
      disabledReason: reason,
      evidence: this.evidence,
      interface: interfaceName,
      peers: 0,
      counters: new Counters().snapshot(),
    };
  }

  async stop(): Promise<void> {
    const closed = this.#interface.close();
    await this.#dataPlane?.stop();
    await closed;
  }
}
