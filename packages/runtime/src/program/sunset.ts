import { type SunsetNotice, SunsetReminder, sunsetNotice } from '@navalis/life';
import type { Logger } from '@navalis/telemetry';
import { NavalisError } from '../navalis-error.ts';
import { parseIsoTime, type Time } from '../scheduling/time.ts';

/** Interval of the checks; also the longest delay after the end of service. */
const checkIntervalMs = 60_000;

const dayMs = 86_400_000;

/** The end of a role's service (RFC 4380 5.5): the midnight, in UTC, that ends the day `lastDay` (`YYYY-MM-DD`). */
export class Sunset {
  readonly lastDay: string;
  readonly #endMs: number;

  constructor(lastDay: string) {
    this.lastDay = lastDay;
    this.#endMs = parseIsoTime(lastDay) + dayMs;
  }

  /** Announces the end. @throws NavalisError `sunset` when it has passed. */
  announce(logger: Logger, nowMs: number): void {
    this.#log(logger, this.requireService(nowMs));
  }

  /** Returns how far the end is. @throws NavalisError `sunset` when it has passed. */
  requireService(nowMs: number): Extract<SunsetNotice, { kind: 'ahead' }> {
    const notice = sunsetNotice(this.#endMs, nowMs);
    if (notice.kind === 'over') throw this.#over();
    return notice;
  }

  /** Announces the end daily, and calls `fail` once when it has passed. Returns a function that stops this. */
  watch(logger: Logger, fail: (error: NavalisError) => void, time: Pick<Time, 'wall' | 'every'>): () => void {
    const reminder = new SunsetReminder(this.#endMs, time.wall());
    const endChecks = time.every(checkIntervalMs, () => {
      const notice = reminder.observe(time.wall());
      if (notice?.kind === 'ahead') this.#log(logger, notice);
      if (notice?.kind !== 'over') return;
      endChecks();
      fail(this.#over());
    });
    return endChecks;
  }

  #log(logger: Logger, { days, isNear }: Extract<SunsetNotice, { kind: 'ahead' }>): void {
    logger[isNear ? 'warn' : 'info'](
      { sunset: this.lastDay },
      `Service ends after ${this.lastDay}, ${days === 1 ? 'today' : `in ${days} days`}.`,
    );
  }

  #over(): NavalisError {
    return new NavalisError('sunset', `Service ended after ${this.lastDay} (key sunset).`);
  }
}
