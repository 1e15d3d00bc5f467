import { alignColumns } from '../columns.ts';

/** One promise, and what came of it. */
export interface Finding {
  readonly event: string;
  readonly promise: string;
  readonly seen: string;
  readonly isKept: boolean;
}

/** Renders findings for a terminal. */
export function renderFindings(findings: readonly Finding[]): string {
  return alignColumns([
    ['event', 'promise', 'seen', ''],
    ...findings.map(({ event, promise, seen, isKept }) => [event, promise, seen, isKept ? 'kept' : 'BROKEN']),
  ]);
}
