import type { Milliseconds } from '@navalis/engine';
import { sufficientShare } from './constants.ts';

/** The search for the longest interval that a mapping survives: between one that is known to be short enough and a limit. */
export interface RefreshSearch {
  readonly intervalMs: Milliseconds;
  readonly candidateMs: Milliseconds;
  readonly maximumMs: Milliseconds;
}

export function beginSearch(intervalMs: Milliseconds, maximumMs: Milliseconds): RefreshSearch {
  return { intervalMs, maximumMs, candidateMs: candidateAfterSuccess(intervalMs, maximumMs) };
}

/** Step 4 of RFC 4380 5.2.7. */
export function succeed({ candidateMs, maximumMs }: RefreshSearch): RefreshSearch {
  return beginSearch(candidateMs, maximumMs);
}

/** Step 5 of RFC 4380 5.2.7. */
export function fail({ intervalMs, candidateMs }: RefreshSearch): RefreshSearch {
  return { intervalMs, maximumMs: candidateMs, candidateMs: (intervalMs + candidateMs) / 2 };
}

/** Looked at after a success too, or a generous NAT would be searched for ever (CL-D-09). */
export function isConcluded({ intervalMs, maximumMs }: RefreshSearch): boolean {
  return intervalMs >= sufficientShare * maximumMs;
}

function candidateAfterSuccess(intervalMs: Milliseconds, maximumMs: Milliseconds): Milliseconds {
  return Math.min(2 * intervalMs, (intervalMs + maximumMs) / 2);
}
