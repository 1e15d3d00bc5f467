import type { Logger } from '@navalis/telemetry';
import type { EventSink } from '../../hooks/host-event.ts';
import { DeadlineTimer } from '../../scheduling/deadline-timer.ts';
import { Moment, type Time } from '../../scheduling/time.ts';
import type { StatusReport } from '../../status/status-report.ts';

/** The collaborators of a drain. */
export interface DrainParts {
  readonly logger: Pick<Logger, 'info'>;
  readonly time: Pick<Time, 'now' | 'boot' | 'wall' | 'after'>;
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
  #spell: { readonly since: Moment; readonly until: Moment } | undefined;

  constructor(parts: DrainParts) {
    this.#parts = parts;
    this.#timer = new DeadlineTimer(parts.time, () => parts.finish());
  }

  /** Begins; returns false if there is nothing to wait for. */
  begin(drainMs: number): boolean {
    if (drainMs === 0 || this.#spell !== undefined || !this.#parts.begin()) return false;
    const { logger, time, events } = this.#parts;
    this.#spell = { since: new Moment(time), until: new Moment(time, drainMs) };
    const until = this.#spell.until.text;
    this.#timer.setAfter(drainMs);
    const sentence = `Draining on SIGTERM: stopping in ${drainMs / 1000} s. Another signal stops at once.`;
    logger.info({ event: 'draining', until }, sentence);
    events.tell({ event: 'draining', until });
    this.#parts.begun(drainMs);
    return true;
  }

  /** Returns the report with the state of a drain, while there is one. */
  shownIn(report: StatusReport): StatusReport {
    if (this.#spell === undefined) return report;
    const { since, until } = this.#spell;
    return { ...report, state: 'draining', since: since.text, drainsUntil: until.text };
  }

  end(): void {
    this.#timer.clear();
  }
}
