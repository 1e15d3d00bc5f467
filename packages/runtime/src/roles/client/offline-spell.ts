import type { EngineEvent } from '@navalis/engine';
import { isoTime, type Time } from '../../scheduling/time.ts';
import type { StatusReport } from '../../status/status-report.ts';

/** Since when a client has had no address, over all of its attempts and runs, and when the next attempt is due. */
export class OfflineSpell {
  readonly #time: Pick<Time, 'wall'>;
  #since: string;
  #nextAttempt: string | undefined;

  constructor(time: Pick<Time, 'wall'>) {
    this.#time = time;
    this.#since = isoTime(time.wall());
  }

  /** The client begins, or begins again after a pause that it wanted. */
  begin(): void {
    this.#since = isoTime(this.#time.wall());
    this.#nextAttempt = undefined;
  }

  follow(event: EngineEvent): void {
    if (event.kind === 'address-lost') this.begin();
    // Without a time to wait the next server is asked at once.
    if ((event.kind === 'off-line' || event.kind === 'turn-failed') && event.retryInMs > 0) {
      this.#nextAttempt = isoTime(this.#time.wall() + event.retryInMs);
    }
  }

  /** Returns the report of a client, with the times if it is off-line or tries again. */
  extend(report: StatusReport): StatusReport {
    if (report.offlineReason === undefined) return report;
    const isWaiting = report.state === 'off-line' && this.#nextAttempt !== undefined;
    return { ...report, offlineSince: this.#since, ...(isWaiting && { nextAttempt: this.#nextAttempt! }) };
  }
}
