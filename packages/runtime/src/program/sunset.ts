import { NavalisError } from '@navalis/engine';
import type { Logger } from '@navalis/telemetry';
import { parseIsoTime, type Time } from '../scheduling/time.ts';

/** Our choice: how long before the end it is a warning. */
const warningDays = 30;

/** The end is looked at so often; also the longest time by which it is missed. */
const lookMs = 60_000;

const dayMs = 86_400_000;

/** The end of a role's service (RFC 4380 5.5): the midnight, in UTC, that ends the day `lastDay` (`YYYY-MM-DD`). */
export class Sunset {
  readonly lastDay: string;
  readonly #endMs: number;

  constructor(lastDay: string) {
    this.lastDay = lastDay;
    this.#endMs = parseIsoTime(lastDay) + dayMs;
  }

  /** Announces the end. @throws NavalisError `sunset` when it is past. */
  announce(logger: Logger, nowMs: number): void {
    if (nowMs >= this.#endMs) throw this.#over();
    const days = Math.ceil((this.#endMs - nowMs) / dayMs);
    const level = days <= warningDays ? 'warn' : 'info';
    logger[level](
      { sunset: this.lastDay },
      `Service ends after ${this.lastDay}, ${days === 1 ? 'today' : `in ${days} days`}.`,
    );
  }

  /** Announces it again each day, and calls `fail` once when it has come; answers how to end that. */
  watch(logger: Logger, fail: (error: NavalisError) => void, time: Pick<Time, 'wall' | 'every'>): () => void {
    let announced = time.wall();
    const endLooks = time.every(lookMs, () => {
      const now = time.wall();
      if (now >= this.#endMs) {
        endLooks();
        fail(this.#over());
      } else if (now - announced >= dayMs) {
        announced = now;
        this.announce(logger, now);
      }
    });
    return endLooks;
  }

  #over(): NavalisError {
    return new NavalisError('sunset', `Service ended after ${this.lastDay}, as the key sunset says.`);
  }
}
