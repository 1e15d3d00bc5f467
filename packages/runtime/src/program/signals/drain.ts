import type { Logger } from '@navalis/telemetry';
import type { EventSink } from '../../hooks/host-event.ts';
import { DeadlineTimer } from '../../scheduling/deadline-timer.ts';
import { isoTime, type Time } from '../../scheduling/time.ts';
import type { StatusReport } from '../../status/status-report.ts';

/** The collaborators of a drain. */
export interface DrainParts {
  readonly logger: Pick<Logger, 'info'>;
  readonly time: Pick<Time, 'now' | 'wall' | 'after'>;
  readonly events: EventSink;
  /** Tells routers that the role is about to end; returns false for a role that serves nobody at present. */
  readonly begin: () => boolean;
  /** Called with the length of a drain that begins. */
  readonly begun: (drainMs: number) => void;
  /** Called at its end. */
  readonly finish: () => void;
}

/**
 * The time between SIGTERM and the end of a role: routers and load balancers send new packets elsewhere, and the role serves those that
 * still come (RT-07). The next signal cuts it short.
 */
export class Drain {
  readonly #parts: DrainParts;
  readonly #timer: DeadlineTimer;
  #since: string | undefined;
  #until = '';

  constructor(parts: DrainParts) {
    this.#parts = parts;
    this.#timer = new DeadlineTimer(parts.time, () => parts.finish());
  }

  /** Begins; returns false if there is nothing to wait for. */
  begin(drainMs: number): boolean {
    if (drainMs === 0 || this.#since !== undefined || !this.#parts.begin()) return false;
    const { logger, time, events } = this.#parts;
    const wall = time.wall();
    this.#since = isoTime(wall);
    this.#until = isoTime(wall + drainMs);
    this.#timer.setAfter(drainMs);
    const sentence = `Draining on SIGTERM: stopping in ${drainMs / 1000} s. Another signal stops at once.`;
    logger.info({ event: 'draining', until: this.#until }, sentence);
    events.tell({ event: 'draining', until: this.#until });
    this.#parts.begun(drainMs);
    return true;
  }

  /** Returns the report with the state of a drain, while there is one. */
  shownIn(report: StatusReport): StatusReport {
    if (this.#since === undefined) return report;
    return { ...report, state: 'draining', since: this.#since, drainsUntil: this.#until };
  }

  end(): void {
    this.#timer.clear();
  }
}
