/** One promise, and what came of it. */
export interface Finding {
  readonly event: string;
  readonly promise: string;
  readonly seen: string;
  readonly isKept: boolean;
}

/** Renders findings for a terminal. */
export function renderFindings(findings: readonly Finding[]): string {
  const rows = [
    ['event', 'promise', 'seen', ''],
    ...findings.map(({ event, promise, seen, isKept }) => [event, promise, seen, isKept ? 'kept' : 'BROKEN']),
  ];
  const widths = [0, 1, 2].map((column) => Math.max(...rows.map((row) => row[column]!.length)));
  return rows
    .map((row) =>
      row
        .map((cell, column) => cell.padEnd(widths[column] ?? 0))
        .join('  ')
        .trimEnd(),
    )
    .join('\n');
}
