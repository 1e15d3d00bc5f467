import type { Milliseconds } from './milliseconds.ts';

/**
 * The timers of an engine: one time per kind, re-armed by assignment, `Infinity` when off. Bounded by the list of kinds
 * given at construction.
 */
export class Deadlines<Kind extends string> {
  readonly #times: Record<Kind, Milliseconds>;
  readonly #kinds: readonly Kind[];

  constructor(kinds: readonly Kind[]) {
    this.#kinds = kinds;
    this.#times = Object.fromEntries(kinds.map((kind) => [kind, Number.POSITIVE_INFINITY])) as Record<
      Kind,
      Milliseconds
    >;
  }

  arm(kind: Kind, time: Milliseconds): void {
    this.#times[kind] = time;
  }

  disarm(kind: Kind): void {
    this.#times[kind] = Number.POSITIVE_INFINITY;
  }

  /** Returns the time at which the kind is due; `Infinity` when it is off. */
  at(kind: Kind): Milliseconds {
    return this.#times[kind];
  }

  /** The earliest time of all kinds. */
  next(): Milliseconds {
    let earliest = Number.POSITIVE_INFINITY;
    for (const kind of this.#kinds) earliest = Math.min(earliest, this.#times[kind]);
    return earliest;
  }

  /** Returns true if the kind is due at `now`, and then switches it off. */
  take(kind: Kind, now: Milliseconds): boolean {
    if (this.#times[kind] > now) return false;
    this.disarm(kind);
    return true;
  }
}
