import type { Logger } from '@navalis/telemetry';
import { monotonicMicroseconds, type Time } from '../scheduling/time.ts';
import type { StatusReport } from '../status/status-report.ts';
import type { ServiceManager } from './service-manager.ts';
import { stateSentence } from './state-sentence.ts';

/** The collaborators of the reports to a service manager. */
export interface ServiceReportsParts {
  readonly logger: Pick<Logger, 'warn'>;
  readonly time: Pick<Time, 'after' | 'every'>;
  /** Rejects while the program ends. */
  readonly report: () => Promise<StatusReport>;
  /** Resolves when the loop of each data plane has turned once more. */
  readonly heartbeat: () => Promise<void>;
  /** Finds the service manager; see `findServiceManager`. */
  readonly find: () => Promise<ServiceManager | undefined>;
}

/** Our choice: changes of state within this time make one report. */
const settlingMs = 100;
/** Our choice: the time that a program has for its end once it has drained. */
const endingMs = 30_000;
/** Our choice: signs of life in the time that the watchdog waits. */
const signsPerWatch = 3;

/**
 * Tells a service manager how this program is: ready, its state in one sentence, reloading, stopping, and alive while the loops of its
 * data planes turn. Does nothing for a program that no service manager started.
 */
export class ServiceReports {
  readonly #parts: ServiceReportsParts;
  #manager: ServiceManager | undefined;
  #told = '';
  #hasFailed = false;
  #settling: (() => void) | undefined;
  #endWatch: () => void = () => {};
  #isBeating = false;
  #isClosed = false;

  constructor(parts: ServiceReportsParts) {
    this.#parts = parts;
  }

  /** Reports that the program runs, and begins to report the rest. */
  async ready(): Promise<void> {
    try {
      this.#manager = await this.#parts.find();
    } catch (error) {
      this.#fail(error);
      return;
    }
    if (this.#manager === undefined || this.#isClosed) return;
    const sentence = await this.#sentence();
    this.#told = sentence ?? '';
    this.#send('READY=1', ...(sentence === undefined ? [] : [`STATUS=${sentence}`]));
    const { watchdogMs } = this.#manager;
    if (watchdogMs === undefined) return;
    this.#beat();
    this.#endWatch = this.#parts.time.every(watchdogMs / signsPerWatch, () => this.#beat());
  }

  /** Reports the state, if it is another one, in a moment. */
  changed(): void {
    if (this.#manager === undefined || this.#settling !== undefined || this.#isClosed) return;
    this.#settling = this.#parts.time.after(settlingMs, () => {
      this.#settling = undefined;
      void this.#tellState();
    });
  }

  /** Runs a reload of the configuration; the service manager waits for its end. */
  async reload(work: () => void | Promise<void>): Promise<void> {
    this.#send('RELOADING=1', `MONOTONIC_USEC=${monotonicMicroseconds()}`);
    try {
      await work();
    } finally {
      this.#send('READY=1');
      this.changed();
    }
  }

  /** Reports a stop that takes longer than the service manager waits by itself. */
  draining(drainMs: number): void {
    this.#send(`EXTEND_TIMEOUT_USEC=${1000 * (drainMs + endingMs)}`);
    this.changed();
  }

  /** Reports the end, the last thing that the service manager hears. */
  stopping(): void {
    this.#settling?.();
    this.#endWatch();
    this.#send('STOPPING=1', 'STATUS=Stopping.');
    this.#isClosed = true;
  }

  async #tellState(): Promise<void> {
    const sentence = await this.#sentence();
    if (sentence === undefined || sentence === this.#told) return;
    this.#told = sentence;
    this.#send(`STATUS=${sentence}`);
  }

  async #sentence(): Promise<string | undefined> {
    try {
      return stateSentence(await this.#parts.report());
    } catch {
      // The program is ending.
      return undefined;
    }
  }

  /** Reports life, unless a data plane does not turn: then the watchdog ends the program. */
  #beat(): void {
    if (this.#isBeating) return;
    this.#isBeating = true;
    this.#parts.heartbeat().then(
      () => {
        this.#isBeating = false;
        this.#send('WATCHDOG=1');
        this.changed();
      },
      () => {
        this.#isBeating = false;
      },
    );
  }

  #send(...lines: readonly string[]): void {
    if (this.#manager === undefined || this.#isClosed) return;
    try {
      this.#manager.sender.send(lines.join('\n'));
    } catch (error) {
      this.#fail(error);
    }
  }

  #fail(error: unknown): void {
    if (this.#hasFailed) return;
    this.#hasFailed = true;
    const reason = error instanceof Error ? error.message : String(error);
    const sentence = `The service manager does not hear of this program, and may end it: ${reason}`;
    this.#parts.logger.warn({ event: 'service-manager-unreachable' }, sentence);
  }
}
