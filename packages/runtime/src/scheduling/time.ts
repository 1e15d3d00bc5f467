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
