import { RestorePace } from '@navalis/life';
import { NavalisError } from '../../navalis-error.ts';
import { DeadlineTimer } from '../../scheduling/deadline-timer.ts';
import { SerialWork } from '../../scheduling/serial-work.ts';
import { Moment } from '../../scheduling/time.ts';
import { raiseContested } from '../../tunnel/contested-interface.ts';
import { needBehind } from '../../waiting/needs.ts';
import type { ControlContext } from './role-control.ts';

/** Our choice: the wait after a failed attempt. */
const retryMs = 3_000;

/** How a role closes a data plane whose interface is gone, and opens another one. */
export interface Reopening {
  readonly close: () => Promise<void>;
  readonly open: () => Promise<void>;
}

type RecoveryContext = Pick<ControlContext, 'logger' | 'degradations' | 'upkeep' | 'time' | 'fail'>;

/**
 * Recreates a relay's data plane when another program removed its interface: the worker's descriptor is useless then. The role is
 * degraded while attempts fail, and while the new interface is removed each time. A resource that the network lacks meanwhile
 * is reported to the caller.
 */
export class InterfaceRecovery {
  /** The pace of all interfaces that this recovery opens. */
  readonly pace: RestorePace = new RestorePace();
  readonly #interfaceName: string;
  readonly #context: RecoveryContext;
  readonly #reopening: Reopening;
  readonly #work: SerialWork = new SerialWork();
  readonly #timer: DeadlineTimer;
  #begun: Moment | undefined;

  constructor(interfaceName: string, context: RecoveryContext, reopening: Reopening) {
    this.#interfaceName = interfaceName;
    this.#context = context;
    this.#reopening = reopening;
    this.#timer = new DeadlineTimer(context.time, () => this.#enqueue(() => this.#open()));
  }

  /** True from the removal of an interface until another one is open. */
  get isActive(): boolean {
    return this.#begun !== undefined;
  }

  /** The time of that removal as ISO 8601; undefined while an interface is open. */
  get since(): string | undefined {
    return this.#begun?.text;
  }

  /** Handles the removal of the interface. The interface's watch and the worker both report it: the second report is ignored. */
  begin(): void {
    if (this.isActive || this.#work.isClosed) return;
    this.#begun = new Moment(this.#context.time);
    const sentence = `Interface ${this.#interfaceName} was removed by another program: creating a new one.`;
    this.#context.logger.warn({ event: 'interface-removed', interface: this.#interfaceName }, sentence);
    this.#enqueue(async () => {
      await this.#reopening.close();
      await this.#openInTime();
    });
  }

  /** Resolves after the first opening; if another program removes its interface meanwhile, another opening follows. */
  async follow(opening: Promise<void>): Promise<void> {
    try {
      await opening;
    } catch (error) {
      if (!(error instanceof NavalisError) || error.code !== 'interface-gone') throw error;
      this.begin();
    }
  }

  /** Resolves when nothing more is opened. */
  async stop(): Promise<void> {
    this.#timer.clear();
    await this.#work.close();
    this.#context.degradations.drop('interface');
  }

  #enqueue(change: () => Promise<void>): void {
    this.#work.run(change).catch(this.#context.fail);
  }

  /** Opens at once, unless another program removes each new interface. */
  async #openInTime(): Promise<void> {
    const waitMs = this.pace.reopeningWaitMs(this.#context.time.now());
    if (waitMs === 0) return this.#open();
    if (this.#work.isClosed) return;
    raiseContested(this.#context.degradations, this.#interfaceName, 'removed');
    this.#timer.setAfter(waitMs);
  }

  async #open(): Promise<void> {
    if (this.#work.isClosed) return;
    try {
      await this.#reopening.open();
    } catch (error) {
      await this.#failed(error as NavalisError);
      return;
    }
    this.#begun = undefined;
    const now = this.#context.time.now();
    this.pace.restored('removed', now);
    this.#context.upkeep.recordRestore();
    // A contested interface recovers when its watch finds it stable.
    if (!this.pace.isContested(now)) this.#context.degradations.clear('interface');
  }

  async #failed(error: NavalisError): Promise<void> {
    await this.#reopening.close();
    if (this.#work.isClosed) return;
    if (needBehind(error) !== undefined) {
      this.#context.fail(error);
      return;
    }
    this.#context.degradations.raise('interface', {
      sentence: `Interface ${this.#interfaceName} was removed by another program and cannot be created again. ${error.message}`,
      evidence: 'interface removed',
      cure: `The program tries again every ${retryMs / 1000} s.`,
    });
    this.#timer.setAfter(retryMs);
  }
}
