import type { EngineEvent } from '@navalis/engine';
import { Moment, type MomentTime } from '../../scheduling/time.ts';
import type { StatusReport } from '../../status/status-report.ts';

/** Since when a client has had no address, over all of its attempts and runs, and when the next attempt is due. */
export class OfflineSpell {
  readonly #time: MomentTime;
  #since: Moment;
  #nextAttempt: Moment | undefined;

  constructor(time: MomentTime) {
    this.#time = time;
    this.#since = new Moment(time);
  }

  /** The client begins, or begins again after a pause that it wanted. */
  begin(): void {
    this.#since = new Moment(this.#time);
    this.#nextAttempt = undefined;
  }

  follow(event: EngineEvent): void {
    if (event.kind === 'address-lost') this.begin();
    // Without a time to wait the next server is asked at once.
    if ((event.kind === 'off-line' || event.kind === 'turn-failed') && event.retryInMs > 0) {
      this.#nextAttempt = new Moment(this.#time, event.retryInMs);
    }
  }

  /** Returns the report of a client, with the times if it is off-line or tries again. */
  extend(report: StatusReport): StatusReport {
    if (report.offlineReason === undefined) return report;
    const nextAttempt = report.state === 'off-line' ? this.#nextAttempt?.text : undefined;
    return { ...report, offlineSince: this.#since.text, ...(nextAttempt !== undefined && { nextAttempt }) };
  }
}
