import type { Milliseconds } from '@navalis/engine';

/** The clocks and timers of a control plane; tests replace them with virtual ones. */
export interface Time {
  /** Reads a monotonic clock that counts from an origin of its own. */
  readonly now: () => Milliseconds;
  /** Reads the wall clock, in milliseconds since 1970-01-01 UTC. */
  readonly wall: () => Milliseconds;
  /** Calls `due` once, `delayMs` from now; returns a function that cancels it. */
  readonly after: (delayMs: Milliseconds, due: () => void) => () => void;
  /** Calls `due` every `periodMs`; returns a function that cancels it. */
  readonly every: (periodMs: Milliseconds, due: () => void) => () => void;
}

/** The clocks and timers of this process. Nothing else in the control plane reads a clock or starts a timer. */
export const hostTime: Time = {
  now: () => performance.now(),
  wall: () => Date.now(),
  after: (delayMs, due) => {
    const timer = setTimeout(due, delayMs);
    return () => clearTimeout(timer);
  },
  every: (periodMs, due) => {
    const timer = setInterval(due, periodMs);
    return () => clearInterval(timer);
  },
};

/** Our choice: while the clocks agree this well, reports repeat a time exactly. */
const toleranceMs: Milliseconds = 1_000;

/**
 * The wall-clock time at the origin of a monotonic clock. It follows when the wall clock is set, or stops for a sleep of the host: an
 * event of ten seconds ago stays one of ten seconds ago.
 */
export class WallOrigin {
  readonly #time: Pick<Time, 'now' | 'wall'>;
  #origin: Milliseconds;

  constructor(time: Pick<Time, 'now' | 'wall'> = hostTime, origin: Milliseconds = performance.timeOrigin) {
    this.#time = time;
    this.#origin = origin;
  }

  read(): Milliseconds {
    const origin = this.#time.wall() - this.#time.now();
    if (Math.abs(origin - this.#origin) > toleranceMs) this.#origin = origin;
    return this.#origin;
  }
}

/** Formats a time of the wall clock as ISO 8601. */
export function isoTime(wall: Milliseconds): string {
  return new Date(wall).toISOString();
}

/** Returns the wall-clock time of an ISO 8601 text; of a day, its first moment in UTC. */
export function parseIsoTime(text: string): Milliseconds {
  return Date.parse(text);
}

/** Returns the time of CLOCK_MONOTONIC, which all programs of this host share. */
export function monotonicMicroseconds(): bigint {
  return process.hrtime.bigint() / 1000n;
}
