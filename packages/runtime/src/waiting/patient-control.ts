import type { Configuration, Role } from '@navalis/config';
import { Counters, type NavalisError } from '@navalis/engine';
import type { HostAddresses } from '@navalis/life';
import type { ControlContext, RoleControl } from '../roles/shared/role-control.ts';
import { DeadlineTimer } from '../scheduling/deadline-timer.ts';
import { isoTime } from '../scheduling/time.ts';
import type { StatusReport } from '../status/status-report.ts';
import { type Need, needBehind } from './needs.ts';

/** Our choice: when a start that the network did not allow is tried again, at first and at most. */
const firstRetryMs = 1_000;
const longestRetryMs = 3_000;

/** Our choice: the same after a change of the host during a start that failed. */
const soonMs = 100;

/** Creates the role, again for each attempt. */
type Creator = (context: ControlContext) => RoleControl;

/**
 * Starts a role, or a client's run, when the network has what it needs, and starts it again when it loses that.
 *
 *     starting --(something is missing)--> waiting --(a change of the host, 1 s to 3 s)--> starting
 *         |                                   ^
 *         +--> at work --(it is missing)------+
 *
 * An error that no network cures goes to the caller of `start`, or ends the program.
 */
export class PatientControl implements RoleControl {
  readonly #role: Role;
  readonly #context: ControlContext;
  readonly #create: Creator;
  #since: string;
  #need: Need | undefined;
  /** The running role. */
  #running: RoleControl | undefined;
  /** The starting role, and the resource that it lost meanwhile. */
  #starting: RoleControl | undefined;
  #lostInStart: Need | undefined;
  /** A start or an end that must not be left half-way. Never rejects. */
  #change: Promise<void> = Promise.resolve();
  #isStarting = false;
  /** Changes of the host while no role was running. */
  #missedHost: HostAddresses | undefined;
  /** The last reloaded configuration, for all later starts. */
  #reread: Configuration | undefined;
  readonly #timer: DeadlineTimer;
  #retryMs = firstRetryMs;
  #isStopped = false;

  constructor(role: Role, context: ControlContext, create: Creator) {
    this.#role = role;
    this.#context = context;
    this.#create = create;
    this.#since = isoTime(context.time.wall());
    this.#timer = new DeadlineTimer(context.time, () => void this.#attempt().catch(context.fail));
  }

  /** Resolves after the first attempt, whether the role is at work or waits. */
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
    this.#reread = configuration;
    this.#running?.reconfigured?.(configuration);
  }

  async status(): Promise<StatusReport> {
    if (this.#running !== undefined) return this.#running.status();
    const need = this.#need;
    return {
      role: this.#role,
      version: this.#context.version,
      state: need === undefined ? 'initial' : 'waiting',
      since: this.#since,
      ...(need && { waitingFor: need.reason }),
      ...(need?.evidence !== undefined && { evidence: need.evidence }),
      peers: 0,
      counters: new Counters().snapshot(),
    };
  }

  async stop(): Promise<void> {
    this.#isStopped = true;
    this.#timer.clear();
    await this.#change;
    await (this.#running ?? this.#starting)?.stop();
  }

  /** Never two at a time. */
  async #attempt(): Promise<void> {
    if (this.#isStarting || this.#isStopped || this.#running !== undefined) return;
    this.#isStarting = true;
    this.#missedHost = undefined;
    try {
      await this.#change;
      if (!this.#isStopped) await this.#bringUp();
    } finally {
      this.#isStarting = false;
    }
  }

  async #bringUp(): Promise<void> {
    const part: RoleControl = this.#create({ ...this.#context, fail: (error) => this.#failed(part, error) });
    this.#starting = part;
    this.#lostInStart = undefined;
    try {
      await part.prepare?.();
      if (this.#isStopped) return;
      await this.#open(part);
    } catch (error) {
      const need = needBehind(error);
      if (this.#isStopped) return;
      this.#starting = undefined;
      if (need === undefined) throw error;
      this.#wait(need);
      return;
    }
    // One may have been armed by the end of what was at work before.
    this.#timer.clear();
    this.#starting = undefined;
    this.#need = undefined;
    this.#retryMs = firstRetryMs;
    if (this.#lostInStart !== undefined) this.#endAndWait(part, this.#lostInStart);
    else this.#deliverMissed(part);
  }

  #open(part: RoleControl): Promise<void> {
    const opened = part.start().then(
      () => {
        this.#running = part;
      },
      async (error: unknown) => {
        await part.stop();
        throw error;
      },
    );
    this.#change = opened.catch(() => undefined);
    return opened;
  }

  #deliverMissed(part: RoleControl): void {
    const host = this.#missedHost;
    this.#missedHost = undefined;
    if (this.#reread !== undefined) part.reconfigured?.(this.#reread);
    if (host !== undefined) void Promise.resolve(part.hostChanged(host)).catch(this.#context.fail);
  }

  #wait(need: Need): void {
    if (need.reason !== this.#need?.reason || need.evidence !== this.#need.evidence) this.#tell(need);
    this.#need = need;
    this.#retryAfter(this.#missedHost === undefined ? this.#retryMs : soonMs);
    this.#retryMs = Math.min(this.#retryMs + firstRetryMs, longestRetryMs);
  }

  #tell({ reason, sentence, evidence }: Need): void {
    this.#since = isoTime(this.#context.time.wall());
    const fields = { event: 'waiting', reason, ...(evidence !== undefined && { evidence }) };
    this.#context.logger.warn(fields, `${sentence} Waiting until that changes.`);
  }

  #retrySoon(): void {
    this.#retryMs = firstRetryMs;
    if (!this.#isStarting) this.#retryAfter(0);
  }

  #retryAfter(delayMs: number): void {
    if (!this.#isStopped) this.#timer.setAfter(delayMs);
  }

  /** Handles the failure of the running role. A role that has already ended lacks nothing any more. */
  #failed(part: RoleControl, error: NavalisError): void {
    const need = needBehind(error);
    if (need === undefined) this.#context.fail(error);
    else if (part === this.#running) this.#endAndWait(part, need);
    else if (part === this.#starting) this.#lostInStart = need;
  }

  #endAndWait(part: RoleControl, need: Need): void {
    this.#running = undefined;
    this.#change = part.stop().then(() => {
      // What waits has no interface that something could be wrong with.
      this.#context.degradations.drop('interface');
      if (!this.#isStopped) this.#wait(need);
    }, this.#context.fail);
  }
}
