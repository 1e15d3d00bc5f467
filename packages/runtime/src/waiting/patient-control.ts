import type { Configuration } from '@navalis/config';
import { Counters } from '@navalis/engine';
import { type HostAddresses, RetryPace } from '@navalis/life';
import type { NavalisError } from '../navalis-error.ts';
import type { PeerAccess } from '../peers/peer-access.ts';
import type { ControlContext, RoleControl } from '../roles/shared/role-control.ts';
import { DeadlineTimer } from '../scheduling/deadline-timer.ts';
import { SerialWork } from '../scheduling/serial-work.ts';
import { Moment } from '../scheduling/time.ts';
import type { StatusReport } from '../status/status-report.ts';
import { type Need, needBehind } from './needs.ts';

/** Creates the role, again for each attempt, with the configuration in effect. */
type Creator<Own extends Configuration> = (configuration: Own, context: ControlContext) => RoleControl;

/**
 * Starts a role, or a client's run, when the network has what it needs, and starts it again after it lost that.
 *
 *     starting --(resource missing)--> waiting --(a change of the host, 1 s to 3 s)--> starting
 *         |                               ^
 *         +--> running --(resource lost)--+
 *
 * An error that no change of the network cures goes to the caller of `start`, or ends the program.
 */
export class PatientControl<Own extends Configuration> implements RoleControl {
  #configuration: Own;
  readonly #context: ControlContext;
  readonly #create: Creator<Own>;
  #since: Moment;
  #need: Need | undefined;
  /** The running role. */
  #running: RoleControl | undefined;
  /** The starting role, and the resource that it lost meanwhile. */
  #starting: RoleControl | undefined;
  #lostInStart: Need | undefined;
  /** Starts and ends of roles: each is completed before the next begins, and before this control has stopped. */
  readonly #work: SerialWork = new SerialWork();
  #isAttempting = false;
  /** The latest change of the host while no role was running. */
  #missedHost: HostAddresses | undefined;
  readonly #timer: DeadlineTimer;
  readonly #pace: RetryPace = new RetryPace();
  #isDraining = false;
  #isStopped = false;

  constructor(configuration: Own, context: ControlContext, create: Creator<Own>) {
    this.#configuration = configuration;
    this.#context = context;
    this.#create = create;
    this.#since = new Moment(context.time);
    this.#timer = new DeadlineTimer(context.time, () => void this.#attempt().catch(context.fail));
  }

  /** Resolves after the first attempt, whether the role runs or waits. */
  start(): Promise<void> {
    return this.#attempt();
  }

  hostChanged(host: HostAddresses): void | Promise<void> {
    if (this.#running !== undefined) return this.#running.hostChanged(host);
    this.#missedHost = host;
    this.#retrySoon();
  }

  resumed(sleptMs: number): void {
    if (this.#running !== undefined) this.#running.resumed?.(sleptMs);
    else this.#retrySoon();
  }

  reconfigured(configuration: Configuration): void {
    if (configuration.role !== this.#configuration.role) return;
    this.#configuration = configuration as Own;
    this.#running?.reconfigured?.(configuration);
  }

  drain(): boolean {
    if (this.#running === undefined) return false;
    this.#isDraining = this.#running.drain?.() ?? true;
    return this.#isDraining;
  }

  async status(): Promise<StatusReport> {
    if (this.#running !== undefined) return this.#running.status();
    const need = this.#need;
    return {
      role: this.#configuration.role,
      version: this.#context.version,
      state: need === undefined ? 'initial' : 'waiting',
      since: this.#since.text,
      ...(need && { waitingFor: need.reason }),
      ...(need?.evidence !== undefined && { evidence: need.evidence }),
      peers: 0,
      counters: new Counters().snapshot(),
    };
  }

  peerAccess(): PeerAccess | undefined {
    return this.#running?.peerAccess?.();
  }

  async stop(): Promise<void> {
    this.#isStopped = true;
    this.#timer.clear();
    await this.#work.settled();
    await (this.#running ?? this.#starting)?.stop();
  }

  /** Does nothing during another attempt. */
  async #attempt(): Promise<void> {
    if (this.#isAttempting || this.#isStopped || this.#running !== undefined) return;
    this.#isAttempting = true;
    this.#missedHost = undefined;
    try {
      await this.#work.settled();
      if (!this.#isStopped) await this.#bringUp();
    } finally {
      this.#isAttempting = false;
    }
  }

  async #bringUp(): Promise<void> {
    const configuration = this.#configuration;
    const context = { ...this.#context, fail: (error: NavalisError) => this.#failed(part, error) };
    const part: RoleControl = this.#create(configuration, context);
    this.#starting = part;
    this.#lostInStart = undefined;
    try {
      // Not serial work: a name server may be silent for long, and a stop must not wait for it.
      await part.prepare?.();
      if (this.#isStopped) return;
      await this.#work.run(() => this.#open(part));
    } catch (error) {
      const need = needBehind(error);
      if (this.#isStopped) return;
      this.#starting = undefined;
      if (need === undefined) throw error;
      this.#wait(need);
      return;
    }
    // The end of the previous role may have set it.
    this.#timer.clear();
    this.#starting = undefined;
    if (this.#need !== undefined) this.#context.events.tell({ event: 'waiting-over', reason: this.#need.reason });
    this.#need = undefined;
    this.#pace.reset();
    this.#context.stateChanged();
    if (this.#lostInStart !== undefined) this.#endAndWait(part, this.#lostInStart);
    else this.#deliverMissed(part, configuration);
  }

  async #open(part: RoleControl): Promise<void> {
    try {
      await part.start();
    } catch (error) {
      await part.stop();
      throw error;
    }
    this.#running = part;
    // The role before it lost the network while it drained.
    if (this.#isDraining) part.drain?.();
  }

  /** `started` is the configuration that the role was created with. */
  #deliverMissed(part: RoleControl, started: Own): void {
    const host = this.#missedHost;
    this.#missedHost = undefined;
    if (this.#configuration !== started) part.reconfigured?.(this.#configuration);
    if (host !== undefined) void Promise.resolve(part.hostChanged(host)).catch(this.#context.fail);
  }

  #wait(need: Need): void {
    if (need.reason !== this.#need?.reason || need.evidence !== this.#need.evidence) this.#tell(need);
    this.#need = need;
    this.#retryAfter(this.#pace.nextWaitMs(this.#missedHost !== undefined));
  }

  #tell({ reason, sentence, evidence }: Need): void {
    this.#since = new Moment(this.#context.time);
    const fields = { event: 'waiting', reason, ...(evidence !== undefined && { evidence }) };
    this.#context.logger.warn(fields, `${sentence} Waiting until that changes.`);
    this.#context.events.tell({
      event: 'waiting',
      reason,
      sentence,
      ...(evidence !== undefined && { evidence }),
    });
    this.#context.stateChanged();
  }

  #retrySoon(): void {
    this.#pace.reset();
    if (!this.#isAttempting) this.#retryAfter(0);
  }

  #retryAfter(delayMs: number): void {
    if (!this.#isStopped) this.#timer.setAfter(delayMs);
  }

  /** Handles the failure of a role. A resource that an ended role lost does not matter. */
  #failed(part: RoleControl, error: NavalisError): void {
    const need = needBehind(error);
    if (need === undefined) this.#context.fail(error);
    else if (part === this.#running) this.#endAndWait(part, need);
    else if (part === this.#starting) this.#lostInStart = need;
  }

  #endAndWait(part: RoleControl, need: Need): void {
    this.#running = undefined;
    const ended = this.#work.run(async () => {
      await part.stop();
      // A waiting role has no interface that could be wrong.
      this.#context.degradations.drop('interface');
      if (!this.#isStopped) this.#wait(need);
    });
    ended.catch(this.#context.fail);
  }
}
