import type { Logger } from '@navalis/telemetry';
import type { EventSink } from '../hooks/host-event.ts';
import { Moment, type MomentTime } from '../scheduling/time.ts';
import { type DegradationReason, overSentence } from './degradation-reasons.ts';

/** A failure of a running role, and its end. */
export interface Degradation {
  readonly reason: DegradationReason;
  /** ISO 8601. */
  readonly since: string;
  /** The description for people. */
  readonly sentence: string;
  /** The evidence, such as an address. */
  readonly evidence: string;
  /** The cure for the operator. */
  readonly cure: string;
}

/** A failure that goes on. */
type ActiveDegradation = Omit<Degradation, 'since'> & { readonly since: Moment };

/** Hears about the active degradations. */
export interface DegradationsObserver {
  /** Takes the start and the end of each one. */
  readonly events: EventSink;
  /** Called whenever the active degradations are others. */
  readonly stateChanged: () => void;
}

/**
 * The active degradations of a running role. Status, health and metrics show them; the log has one line when a reason
 * appears, changes its sentence, or ends. At most one entry per reason.
 */
export class Degradations {
  readonly #logger: Logger;
  readonly #time: MomentTime;
  readonly #observer: DegradationsObserver;
  readonly #active = new Map<DegradationReason, ActiveDegradation>();
  readonly #listeners = new Set<() => void>();

  constructor(logger: Logger, time: MomentTime, observer: DegradationsObserver) {
    this.#logger = logger;
    this.#time = time;
    this.#observer = observer;
  }

  /** In the order in which they appeared. */
  get active(): readonly Degradation[] {
    return Array.from(this.#active.values(), ({ reason, since, ...details }) => ({
      reason,
      since: since.text,
      ...details,
    }));
  }

  raise(reason: DegradationReason, details: Omit<Degradation, 'reason' | 'since'>): void {
    const { sentence, evidence, cure } = details;
    const before = this.#active.get(reason);
    const since = before?.since ?? new Moment(this.#time);
    this.#active.set(reason, { reason, since, sentence, evidence, cure });
    if (before?.sentence === sentence) return;
    this.#logger.warn({ event: 'degraded', reason, evidence, cure }, `${sentence} ${cure}`);
    this.#observer.events.tell({ event: 'degraded', reason, sentence, evidence, cure });
    this.#changed();
  }

  clear(reason: DegradationReason): void {
    if (!this.#active.delete(reason)) return;
    this.#logger.info({ event: 'no-longer-degraded', reason }, overSentence(reason));
    this.#observer.events.tell({ event: 'recovered', reason });
    this.#changed();
  }

  /** Removes a reason without a log line: its subject no longer exists. */
  drop(reason: DegradationReason): void {
    if (this.#active.delete(reason)) this.#changed();
  }

  /** Calls `listener` whenever the active degradations are others; returns a function that ends that. */
  listen(listener: () => void): () => void {
    this.#listeners.add(listener);
    return () => void this.#listeners.delete(listener);
  }

  #changed(): void {
    for (const listener of this.#listeners) listener();
    this.#observer.stateChanged();
  }
}
