import type { Milliseconds } from './milliseconds.ts';

/** A part of an engine that waits for a time. */
export interface DeadlineSource {
  /** Returns the time of the next call of the part; `Infinity` when idle. */
  nextDeadline(): Milliseconds;
}

/** Returns the name of the part that is due first, the first of several at the same time; undefined when all are idle. */
export function earliestDeadline<Name extends string>(
  parts: Readonly<Record<Name, DeadlineSource | undefined>>,
): Name | undefined {
  let earliest = Number.POSITIVE_INFINITY;
  let name: Name | undefined;
  for (const [key, part] of Object.entries(parts) as [Name, DeadlineSource | undefined][]) {
    const deadline = part?.nextDeadline() ?? Number.POSITIVE_INFINITY;
    if (deadline >= earliest) continue;
    earliest = deadline;
    name = key;
  }
  return name;
}
