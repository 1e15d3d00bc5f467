import { readFileSync } from 'node:fs';
import type { Milliseconds } from '@navalis/engine';

/** The clocks and timers of a control plane; tests replace them with virtual ones. */
export interface Time {
  /** Reads a monotonic clock that counts from an origin of its own. */
  readonly now: () => Milliseconds;
  /** Reads a monotonic clock that continues while the host sleeps. */
  readonly boot: () => Milliseconds;
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
  boot: bootClock,
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

/**
 * Returns the first number of `/proc/uptime`, which is CLOCK_BOOTTIME (proc_uptime(5)), with a resolution of 10 ms. Without that file,
 * it is the monotonic clock, which shows no sleep.
 */
function bootClock(): Milliseconds {
  try {
    return Number.parseFloat(readFileSync('/proc/uptime', 'utf8')) * 1000;
  } catch {
    return performance.now();
  }
}

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

/** The clocks behind a moment. */
export type MomentTime = Pick<Time, 'boot' | 'wall'>;

/**
 * A moment that a report names. Its text follows when the wall clock is set: a moment of ten seconds ago stays one of ten seconds ago. A
 * sleep of the host does not move it.
 */
export class Moment {
  readonly #origin: WallOrigin;
  readonly #at: Milliseconds;

  /** `inMs` from now. */
  constructor({ boot, wall }: MomentTime, inMs: Milliseconds = 0) {
    const now = boot();
    this.#origin = new WallOrigin({ now: boot, wall }, wall() - now);
    this.#at = now + inMs;
  }

  /** ISO 8601, by the wall clock as it is set at present. */
  get text(): string {
    return isoTime(Math.round(this.#origin.read() + this.#at));
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
