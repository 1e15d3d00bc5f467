import type { Milliseconds } from '@navalis/engine';
import { shortestRefreshIntervalMs } from '../choices.ts';
import { longestRefreshIntervalMs, sufficientShare } from '../constants.ts';

/** The search for the longest interval that a mapping survives: between one that is known to be short enough and a limit. */
export interface RefreshSearch {
  readonly intervalMs: Milliseconds;
  readonly candidateMs: Milliseconds;
  readonly maximumMs: Milliseconds;
  /** Whether a mapping has survived the interval; the first interval is an assumption. */
  readonly isProven: boolean;
}

export function beginSearch(intervalMs: Milliseconds): RefreshSearch {
  const maximumMs = longestRefreshIntervalMs;
  return { intervalMs, maximumMs, candidateMs: candidateAfterSuccess(intervalMs, maximumMs), isProven: false };
}

/** Returns true if a search that starts at this interval can find a worthwhile one. */
export function isWorthSearching(intervalMs: Milliseconds): boolean {
  return intervalMs < sufficientShare * longestRefreshIntervalMs;
}

/** Step 4 of RFC 4380 5.2.7. */
export function succeed({ candidateMs, maximumMs }: RefreshSearch): RefreshSearch {
  const next = candidateAfterSuccess(candidateMs, maximumMs);
  return { intervalMs: candidateMs, maximumMs, candidateMs: next, isProven: true };
}

/**
 * Step 5 of RFC 4380 5.2.7, but for one thing: where the RFC ends with its first interval, which nothing has shown to be
 * short enough, that interval is tried too, and half of it after a failure (CL-D-15).
 */
export function fail({ intervalMs, candidateMs, isProven }: RefreshSearch): RefreshSearch {
  const maximumMs = candidateMs;
  if (candidateMs <= intervalMs) {
    const half = Math.max(shortestRefreshIntervalMs, intervalMs / 2);
    return { intervalMs: half, candidateMs: half, maximumMs, isProven };
  }
  const isEndOfRfc = intervalMs >= sufficientShare * maximumMs;
  return {
    intervalMs,
    maximumMs,
    candidateMs: isEndOfRfc && !isProven ? intervalMs : (intervalMs + candidateMs) / 2,
    isProven,
  };
}

/** Looked at after a success too, or a generous NAT would be searched for ever (CL-D-09). */
export function isConcluded({ intervalMs, maximumMs, isProven }: RefreshSearch): boolean {
  const hasShortestFailed = maximumMs <= shortestRefreshIntervalMs;
  return hasShortestFailed || (isProven && intervalMs >= sufficientShare * maximumMs);
}

function candidateAfterSuccess(intervalMs: Milliseconds, maximumMs: Milliseconds): Milliseconds {
  return Math.min(2 * intervalMs, (intervalMs + maximumMs) / 2);
}
