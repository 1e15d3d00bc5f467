import { AnnouncementPace } from '@navalis/life';
import type { AnnouncementReport, UnannouncedReason } from '../../health/announcement-report.ts';
import type { Degradation } from '../../health/degradations.ts';
import { DeadlineTimer } from '../../scheduling/deadline-timer.ts';
import { Moment } from '../../scheduling/time.ts';
import type { PlannedAnnouncement } from '../../tunnel/interface-plans.ts';
import type { ControlContext } from '../shared/role-control.ts';

type AnnouncementContext = Pick<
  ControlContext,
  'degradations' | 'upkeep' | 'logger' | 'events' | 'time' | 'stateChanged'
>;

/** The subject of an announcement. */
export interface Announced {
  /** The kernel's number of the routing table. */
  readonly table: number;
  /** The service prefix, such as `2001::/32`. */
  readonly prefix: string;
}

/**
 * Decides when a relay is announced: while it has an interface, is not degraded and does not drain, once that has lasted for a while. A
 * route in a table of its own says so to the routing daemon; the caller sets it.
 */
export class Announcement {
  readonly #subject: Announced;
  readonly #context: AnnouncementContext;
  /** Called when `isWanted` changed. */
  readonly #changed: () => void;
  readonly #pace: AnnouncementPace = new AnnouncementPace();
  readonly #settling: DeadlineTimer;
  readonly #unlisten: () => void;
  #hasInterface = false;
  #isDraining = false;
  #isWanted = false;
  #since: Moment;

  constructor(subject: Announced, context: AnnouncementContext, changed: () => void) {
    this.#subject = subject;
    this.#context = context;
    this.#changed = changed;
    this.#since = new Moment(context.time);
    this.#settling = new DeadlineTimer(context.time, () => this.#announce());
    this.#unlisten = context.degradations.listen(() => this.#judge());
  }

  /** The route as it should be at present. */
  get plan(): PlannedAnnouncement {
    return { table: this.#subject.table, isWanted: this.#isWanted };
  }

  get report(): AnnouncementReport {
    const { table } = this.#subject;
    const reason = this.#reason();
    if (reason === undefined) return { table, isAnnounced: true, since: this.#since.text };
    return { table, isAnnounced: false, since: this.#since.text, reason, sentence: this.#sentence(reason) };
  }

  /** The relay's interface is there, or gone. */
  interfaceChanged(isThere: boolean): void {
    this.#hasInterface = isThere;
    this.#judge();
  }

  /** Ends the announcement for good. */
  drain(): void {
    this.#isDraining = true;
    this.#judge();
  }

  end(): void {
    this.#unlisten();
    this.#settling.clear();
    this.#hasInterface = false;
    this.#isWanted = false;
  }

  /** Failures of the route itself do not forbid it. */
  get #blocker(): Degradation | undefined {
    return this.#context.degradations.active.find(({ reason }) => reason !== 'announcement');
  }

  #judge(): void {
    if (this.#hasInterface && !this.#isDraining && this.#blocker === undefined) {
      if (!this.#isWanted && !this.#settling.isSet) this.#settling.setAfter(this.#pace.holdMs);
      return;
    }
    this.#settling.clear();
    if (this.#isWanted) this.#withdraw();
  }

  #announce(): void {
    const { table, prefix } = this.#subject;
    const { logger, events, time } = this.#context;
    this.#turn(true);
    this.#pace.announced(time.now());
    logger.info({ event: 'announced', table }, `Announcing ${prefix} by a route in table ${table}.`);
    events.tell({ event: 'announced', prefix, table });
  }

  #withdraw(): void {
    const { table, prefix } = this.#subject;
    const { logger, events, time } = this.#context;
    this.#turn(false);
    const reason = this.#reason() ?? 'no-interface';
    if (reason !== 'draining') this.#pace.withdrawn(time.now());
    const sentence = `No longer announcing ${prefix}: the route in table ${table} is removed. ${this.#sentence(reason)}`;
    logger.warn({ event: 'withdrawn', table, reason }, sentence);
    events.tell({ event: 'withdrawn', prefix, table, reason });
  }

  #turn(isWanted: boolean): void {
    this.#isWanted = isWanted;
    this.#since = new Moment(this.#context.time);
    this.#changed();
    this.#context.stateChanged();
  }

  #reason(): UnannouncedReason | undefined {
    if (this.#isDraining) return 'draining';
    if (!this.#hasInterface) return 'no-interface';
    if (this.#blocker !== undefined) return 'degraded';
    if (!this.#isWanted) return 'settling';
    return this.#context.upkeep.isAnnounced ? undefined : 'route-missing';
  }

  #sentence(reason: UnannouncedReason): string {
    switch (reason) {
      case 'no-interface':
        return 'The tunnel interface is gone or not there yet.';
      case 'settling':
        return `The relay must work for ${this.#pace.holdMs / 1000} s before it is announced.`;
      case 'degraded':
        return this.#blocker?.sentence ?? 'The relay does not work.';
      case 'draining':
        return 'The relay is about to end.';
      case 'route-missing':
        return `The route is not in table ${this.#subject.table}.`;
    }
  }
}
