import type { ControlContext } from './role-control.ts';

/** Our choice: how long after a failure it is tried again. */
const retryMs = 3_000;

/** How a role lets go of a data plane whose interface is gone, and opens another. */
export interface Reopening {
  readonly close: () => Promise<void>;
  readonly open: () => Promise<void>;
}

/**
 * Makes a relay's data plane anew when another program removed its interface: what the worker holds then is a descriptor of
 * nothing. The role is degraded until that has worked.
 */
export class InterfaceRecovery {
  readonly #interfaceName: string;
  readonly #context: Pick<ControlContext, 'logger' | 'degradations'>;
  readonly #reopening: Reopening;
  #work: Promise<void> | undefined;
  #timer: NodeJS.Timeout | undefined;
  #isStopped = false;

  constructor(interfaceName: string, context: Pick<ControlContext, 'logger' | 'degradations'>, reopening: Reopening) {
    this.#interfaceName = interfaceName;
    this.#context = context;
    this.#reopening = reopening;
  }

  get isActive(): boolean {
    return this.#work !== undefined;
  }

  /** The interface is gone. Both who watches it and the worker say so: the second time it means nothing. */
  begin(): void {
    if (this.isActive || this.#isStopped) return;
    const sentence = `Interface ${this.#interfaceName} was removed by another program: making another one.`;
    this.#context.logger.warn({ event: 'interface-removed', interface: this.#interfaceName }, sentence);
    this.#work = this.#reopening.close().then(() => this.#open());
  }

  /** Resolves when nothing more is opened. */
  async stop(): Promise<void> {
    this.#isStopped = true;
    clearTimeout(this.#timer);
    await this.#work;
  }

  async #open(): Promise<void> {
    if (this.#isStopped) return;
    try {
      await this.#reopening.open();
      this.#work = undefined;
      this.#context.degradations.clear('interface');
    } catch (error) {
      const { message } = error as Error;
      await this.#reopening.close();
      this.#context.degradations.raise('interface', {
        sentence: `Interface ${this.#interfaceName} was removed by another program and cannot be made again. ${message}`,
        evidence: 'interface removed',
        cure: `The program tries again every ${retryMs / 1000} s.`,
      });
      this.#timer = setTimeout(() => {
        this.#work = this.#open();
      }, retryMs);
    }
  }
}
