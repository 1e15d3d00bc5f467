import {
  type ClientConfiguration,
  type Configuration,
  changedKeys,
  ipv4PolicyOf,
  ipv6PolicyOf,
  type KeyName,
  keysOf,
  reloadOf,
} from '@navalis/config';
import { Counters } from '@navalis/engine';
import {
  type Blocker,
  type BlockerPolicies,
  ClientLife,
  clientBlocker,
  type DisabledReason,
  type HostAddresses,
  RestorePace,
} from '@navalis/life';
import { NavalisError } from '../../navalis-error.ts';
import type { PeerAccess } from '../../peers/peer-access.ts';
import { DeadlineTimer } from '../../scheduling/deadline-timer.ts';
import { SerialWork } from '../../scheduling/serial-work.ts';
import { Moment } from '../../scheduling/time.ts';
import { ClientMemory } from '../../state/client-memory.ts';
import { type StatusReport, turnReport } from '../../status/status-report.ts';
import { raiseContested } from '../../tunnel/contested-interface.ts';
import { PatientControl } from '../../waiting/patient-control.ts';
import { type NarratingObserver, narratingObserver } from '../shared/narration.ts';
import type { ControlContext, RoleControl } from '../shared/role-control.ts';
import type { CarriedAddress, ClientActivity } from './client-activity.ts';
import { ClientRun } from './client-run.ts';
import { ClientStandby, wakingChanges } from './client-standby.ts';
import { FirewallHint } from './firewall-hint.ts';
import { OfflineSpell } from './offline-spell.ts';
import { TurnFollower } from './turn/turn-follower.ts';

/** A client: it has a socket and an interface exactly while it has no blocker (CL-U-01, CL-U-08, CL-U-09). */
export class ClientControl implements RoleControl {
  #configuration: ClientConfiguration;
  readonly #context: ControlContext;
  readonly #report: NarratingObserver['event'];
  readonly #firewallHint: FirewallHint;
  #policies: BlockerPolicies;
  #life: ClientLife | undefined;
  #activity: ClientActivity | undefined;
  /** The activity whose interface another program removed, until the next one starts. */
  #replaced: ClientActivity | undefined;
  #disabledSince: Moment;
  /** The reason last reported, while it holds. */
  #told: DisabledReason | undefined;
  /** The pace of all interfaces that this client opens. */
  readonly #pace: RestorePace = new RestorePace();
  readonly #work: SerialWork = new SerialWork();
  /** When the life changes by itself. */
  readonly #lifeTimer: DeadlineTimer;
  /** When the next interface may be opened. */
  readonly #reopenTimer: DeadlineTimer;
  #turn: TurnFollower;
  readonly #memory: ClientMemory;
  readonly #offline: OfflineSpell;

  constructor(configuration: ClientConfiguration, context: ControlContext) {
    this.#configuration = configuration;
    this.#context = context;
    this.#disabledSince = new Moment(context.time);
    const follow = () => this.#enqueue(() => this.#follow());
    this.#lifeTimer = new DeadlineTimer(context.time, follow);
    this.#reopenTimer = new DeadlineTimer(context.time, follow);
    this.#report = narratingObserver('client', context).event;
    this.#policies = policiesOf(configuration);
    this.#firewallHint = new FirewallHint(configuration.interfaceName, context);
    this.#memory = new ClientMemory(configuration, context);
    this.#offline = new OfflineSpell(context.time);
    this.#turn = new TurnFollower(configuration, context, () => this.#turnChanged());
  }

  async start(): Promise<void> {
    const host = this.#context.readHostAddresses();
    // The network with which later ones are compared.
    this.#turn.hostChanged(host);
    this.#life = new ClientLife(this.#blockerOn(host));
    if (this.#life.blocker !== undefined) this.#tellDisabled();
    else await this.#startRun();
  }

  hostChanged(host: HostAddresses): void {
    this.#turn.hostChanged(host);
    this.#enqueue(async () => {
      this.#life?.observe(this.#blockerOn(host), this.#context.time.now());
      await this.#follow();
      await this.#activity?.hostChanged(host);
    });
  }

  resumed(sleptMs: number): void {
    this.#enqueue(async () => this.#activity?.resumed?.(sleptMs));
  }

  reconfigured(configuration: Configuration): void {
    if (configuration.role === 'client') this.#enqueue(() => this.#reconfigure(configuration));
  }

  async #reconfigure(configuration: ClientConfiguration): Promise<void> {
    const changed = changedKeys(this.#configuration, configuration);
    this.#configuration = configuration;
    this.#policies = policiesOf(configuration);
    const host = this.#context.readHostAddresses();
    if (changed.some((name) => name.startsWith('turn'))) this.#replaceTurn(host);
    else this.#turn.reconfigured(configuration);
    this.#life?.observe(this.#blockerOn(host), this.#context.time.now());
    await this.#follow();
    const activity = this.#activity;
    if (activity === undefined) return;
    const isIdle = activity instanceof ClientStandby;
    const renewing = isIdle ? wakingChanges(changed, configuration) : changed.filter((name) => needsSocket.has(name));
    if (renewing.length === 0) {
      activity.reconfigured?.(configuration);
      return;
    }
    const opening = isIdle ? 'Opening the socket of the idle client' : 'Opening the socket again, at the same port';
    this.#context.logger.info({ event: 'socket-reopened' }, `${opening}: ${renewing.join(', ')} changed.`);
    if (isIdle) this.#offline.begin();
    await this.#renew(activity);
  }

  #replaceTurn(host: HostAddresses): void {
    this.#turn.close();
    this.#turn = new TurnFollower(this.#configuration, this.#context, () => this.#turnChanged());
    this.#turn.hostChanged(host);
  }

  async status(): Promise<StatusReport> {
    await this.#work.settled();
    if (this.#work.isClosed) throw new NavalisError('not-running', 'The client is ending.');
    if (this.#activity !== undefined) {
      const report = this.#offline.extend(await this.#activity.status());
      const failure = this.#turn.failure;
      return report.turn !== undefined || failure === undefined ? report : { ...report, turn: turnReport(failure) };
    }
    const blocker = this.#life?.blocker;
    return {
      role: 'client',
      version: this.#context.version,
      state: blocker === undefined ? 'initial' : 'disabled',
      since: this.#disabledSince.text,
      ...(blocker && { disabledReason: blocker.reason }),
      ...(blocker?.evidence !== undefined && { evidence: blocker.evidence }),
      peers: 0,
      counters: new Counters().snapshot(),
    };
  }

  peerAccess(): PeerAccess | undefined {
    return this.#activity?.peerAccess?.();
  }

  async stop(): Promise<void> {
    await this.#work.close();
    this.#lifeTimer.clear();
    this.#reopenTimer.clear();
    this.#turn.close();
    await this.#activity?.stop();
    this.#context.degradations.drop('interface');
  }

  #blockerOn(host: HostAddresses): Blocker | undefined {
    return clientBlocker(this.#configuration, this.#policies, host, this.#context.probes);
  }

  #enqueue(change: () => Promise<void>): void {
    this.#work.run(change).catch(this.#context.fail);
  }

  /** Starts or ends the activity, as the life says. */
  async #follow(): Promise<void> {
    const life = this.#life!;
    life.handleDeadline(this.#context.time.now());
    if (life.blocker !== undefined && this.#activity !== undefined) {
      await this.#activity.stop();
      this.#activity = undefined;
      this.#tellDisabled();
    } else if (life.blocker !== undefined && life.blocker.reason !== this.#told) {
      this.#tellDisabled();
    } else if (life.blocker === undefined && this.#activity === undefined) {
      if (this.#told !== undefined) this.#report({ kind: 'enabled', reason: this.#told });
      this.#told = undefined;
      this.#offline.begin();
      this.#comeBack();
    }
    this.#lifeTimer.set(life.nextDeadline());
  }

  /**
   * Starts a run; not awaited, because the network may not be ready. While another program removes each new interface, the next
   * one has to wait.
   */
  #comeBack(): void {
    this.#reopenTimer.clear();
    const now = this.#context.time.now();
    const waitMs = this.#replaced === undefined ? 0 : this.#pace.reopeningWaitMs(now);
    if (waitMs === 0) {
      if (this.#replaced !== undefined) this.#restored(now);
      this.#replaced = undefined;
      this.#startRun().catch(this.#context.fail);
      return;
    }
    raiseContested(this.#context.degradations, this.#configuration.interfaceName, 'removed');
    this.#reopenTimer.set(now + waitMs);
  }

  #restored(now: number): void {
    this.#pace.restored('removed', now);
    this.#context.upkeep.recordRestore();
  }

  #startRun(): Promise<void> {
    const run: PatientControl<ClientConfiguration> = new PatientControl(
      this.#configuration,
      this.#context,
      (configuration, context) =>
        new ClientRun(configuration, context, {
          firewallHint: this.#firewallHint,
          requests: {
            idle: (carried) => this.#enqueue(() => this.#standBy(run, carried)),
            renew: () => this.#enqueue(() => this.#renew(run)),
            turnUnresolved: () => this.#turn.failed(),
            follow: (event) => {
              this.#offline.follow(event);
              this.#turn.follow(event);
            },
            replaceInterface: () => this.#replaceInterface(run),
          },
          pace: this.#pace,
          memory: this.#memory,
          turn: this.#turn.servers,
        }),
    );
    return this.#start(run);
  }

  /** A run has its port from its start to its end: another one takes its place. */
  #turnChanged(): void {
    const activity = this.#activity;
    if (activity !== undefined) this.#enqueue(() => this.#renew(activity));
  }

  async #renew(activity: ClientActivity): Promise<void> {
    if (this.#activity !== activity) {
      if (this.#replaced === activity) this.#replaced = undefined;
      return;
    }
    await activity.stop();
    this.#activity = undefined;
    this.#comeBack();
  }

  /** Another program removed the interface: its watch and the worker both report it. */
  #replaceInterface(activity: ClientActivity): void {
    if (this.#activity !== activity || this.#replaced === activity) return;
    this.#replaced = activity;
    const { interfaceName } = this.#configuration;
    const sentence = `Interface ${interfaceName} was removed by another program: starting again with another one.`;
    this.#context.logger.warn({ event: 'interface-removed', interface: interfaceName }, sentence);
    this.#enqueue(() => this.#renew(activity));
  }

  /** Closes the socket of an idle run. */
  async #standBy(run: ClientActivity, carried: CarriedAddress): Promise<void> {
    if (this.#activity !== run) return;
    await run.stop();
    const standby: ClientStandby = new ClientStandby(this.#configuration, this.#context, carried, {
      wanted: () => this.#enqueue(() => this.#wake(standby)),
      replaceInterface: () => this.#replaceInterface(standby),
    });
    await this.#start(standby);
    this.#report({ kind: 'disabled', reason: 'idle', evidence: standby.evidence });
  }

  async #wake(standby: ClientStandby): Promise<void> {
    if (this.#activity !== standby) return;
    this.#report({ kind: 'wanted' });
    this.#offline.begin();
    await this.#renew(standby);
  }

  async #start(activity: ClientActivity): Promise<void> {
    this.#activity = activity;
    try {
      await activity.start();
    } catch (error) {
      if (this.#activity === activity) this.#activity = undefined;
      throw error;
    }
  }

  #tellDisabled(): void {
    this.#disabledSince = new Moment(this.#context.time);
    const { reason, evidence } = this.#life!.blocker!;
    this.#told = reason;
    this.#context.degradations.drop('interface');
    this.#report({ kind: 'disabled', reason, evidence });
  }
}

/** Keys whose change needs another socket. */
const needsSocket: ReadonlySet<KeyName> = new Set(
  keysOf('client')
    .filter((key) => reloadOf(key, 'client') === 'new-socket')
    .map(({ name }) => name),
);

function policiesOf(configuration: ClientConfiguration): BlockerPolicies {
  return { ipv4: ipv4PolicyOf(configuration), ipv6: ipv6PolicyOf(configuration) };
}
