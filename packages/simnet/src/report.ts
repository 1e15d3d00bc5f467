/** Rows of cells, each column as wide as it must be. */
export function formatTable(rows: readonly (readonly string[])[]): string {
  const widths = rows[0]!.map((_, column) => Math.max(...rows.map((row) => row[column]!.length)));
  return rows
    .map((row) =>
      row
        .map((cell, column) => (column === 0 ? cell.padEnd(widths[column]!) : cell.padStart(widths[column]! + 2)))
        .join(''),
    )
    .join('\n');
}

/** A table of times in milliseconds: minimum, median, 90th and 99th percentile, maximum. */
export function formatDistribution(times: Readonly<Record<string, readonly number[]>>): string {
  const rows = Object.entries(times).map(([name, values]) => {
    const sorted = [...values].sort((left, right) => left - right);
    return [name, ...[0, 0.5, 0.9, 0.99, 1].map((share) => formatMs(percentile(sorted, share)))];
  });
  return formatTable([['', 'min', 'median', 'p90', 'p99', 'max'], ...rows]);
}

/** The smallest of the sorted values that this share of them does not exceed. */
export function percentile(sorted: readonly number[], share: number): number {
  return sorted[Math.max(0, Math.ceil(share * sorted.length) - 1)]!;
}

/** A time in milliseconds, or from 10 s on in seconds. */
export function formatMs(ms: number): string {
  return ms < 10_000 ? `${Math.round(ms)} ms` : `${(ms / 1000).toFixed(1)} s`;
}
