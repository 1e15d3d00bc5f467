import type { Logger } from '@navalis/telemetry';
import type { NavalisError } from '../../navalis-error.ts';
import { endAtSignals } from './early-end.ts';

/** A signal, or an error that ends the run. */
export class EndOfRun {
  readonly reached: Promise<void>;
  fail: (error: NavalisError) => void = () => undefined;
  /** Called by SIGTERM; returns true if the role serves on for a while, and then calls `finish`. */
  drain: () => boolean = () => false;
  #finish: () => void = () => undefined;

  constructor(logger: Pick<Logger, 'info'>) {
    this.reached = new Promise((resolve, reject) => {
      this.fail = reject;
      this.#finish = resolve;
      endAtSignals((signal) => {
        if (signal === 'SIGTERM' && this.drain()) return true;
        logger.info({ event: 'ending', signal }, `Stopping on ${signal}.`);
        resolve();
        return false;
      });
    });
    // A caller that awaits it gets the error; until then it is not an unhandled rejection.
    this.reached.catch(() => undefined);
  }

  /** Ends the run without a signal. */
  finish(): void {
    this.#finish();
  }
}
