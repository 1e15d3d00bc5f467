import { NavalisError } from '@navalis/engine';
import { RestorePace } from '@navalis/life';
import { DeadlineTimer } from '../../scheduling/deadline-timer.ts';
import { raiseContested } from '../../tunnel/contested-interface.ts';
import { needBehind } from '../../waiting/needs.ts';
import type { ControlContext } from './role-control.ts';

/** Our choice: how long after a failure it is tried again. */
const retryMs = 3_000;

/** How a role lets go of a data plane whose interface is gone, and opens another. */
export interface Reopening {
  readonly close: () => Promise<void>;
  readonly open: () => Promise<void>;
}

type RecoveryContext = Pick<ControlContext, 'logger' | 'degradations' | 'time' | 'fail'>;

/**
 * Recreates a relay's data plane when another program removed its interface: what the worker holds then is a descriptor of
 * nothing. The role is degraded until that has worked, and while the interface is removed again each time. What the network
 * lacks meanwhile is reported to the caller.
 */
export class InterfaceRecovery {
  /** Of the interfaces that are opened one after the other. */
  readonly pace: RestorePace = new RestorePace();
  readonly #interfaceName: string;
  readonly #context: RecoveryContext;
  readonly #reopening: Reopening;
  #work: Promise<void> | undefined;
  readonly #timer: DeadlineTimer;
  #isStopped = false;

  constructor(interfaceName: string, context: RecoveryContext, reopening: Reopening) {
    this.#interfaceName = interfaceName;
    this.#context = context;
    this.#reopening = reopening;
    this.#timer = new DeadlineTimer(context.time, () => {
      this.#work = this.#open();
    });
  }

  get isActive(): boolean {
    return this.#work !== undefined;
  }

  /** The interface is gone. Both who watches it and the worker say so: the second time it means nothing. */
  begin(): void {
    if (this.isActive || this.#isStopped) return;
    const sentence = `Interface ${this.#interfaceName} was removed by another program: making another one.`;
    this.#context.logger.warn({ event: 'interface-removed', interface: this.#interfaceName }, sentence);
    this.#work = this.#reopening.close().then(() => this.#openInTime());
  }

  /** Resolves with the first opening; when another program removes its interface meanwhile, another one follows. */
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
    this.#isStopped = true;
    this.#timer.clear();
    await this.#work;
    this.#context.degradations.drop('interface');
  }

  /** At once, unless another program removes what is opened each time. */
  #openInTime(): Promise<void> | undefined {
    const waitMs = this.pace.reopeningWaitMs(this.#context.time.now());
    if (waitMs === 0) return this.#open();
    if (this.#isStopped) return undefined;
    raiseContested(this.#context.degradations, this.#interfaceName, 'removed');
    this.#timer.setAfter(waitMs);
    return undefined;
  }

  async #open(): Promise<void> {
    if (this.#isStopped) return;
    try {
      await this.#reopening.open();
      this.#work = undefined;
      const now = this.#context.time.now();
      this.pace.restored('removed', now);
      // Else its watch says when it has lasted.
      if (!this.pace.isContested(now)) this.#context.degradations.clear('interface');
    } catch (error) {
      await this.#failed(error as NavalisError);
    }
  }

  async #failed(error: NavalisError): Promise<void> {
    await this.#reopening.close();
    if (this.#isStopped) return;
    if (needBehind(error) !== undefined) {
      this.#context.fail(error);
      return;
    }
    this.#context.degradations.raise('interface', {
      sentence: `Interface ${this.#interfaceName} was removed by another program and cannot be made again. ${error.message}`,
      evidence: 'interface removed',
      cure: `The program tries again every ${retryMs / 1000} s.`,
    });
    this.#timer.setAfter(retryMs);
  }
}
