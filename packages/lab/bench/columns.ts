/** Renders lines of cells for a terminal: the first `words` columns begin at the left, all others, which are numbers, end at the right. */
export function alignColumns(lines: readonly (readonly string[])[], words: number = Number.POSITIVE_INFINITY): string {
  const widths = lines[0]!.map((_, column) => Math.max(...lines.map((line) => line[column]!.length)));
  return lines
    .map((line) =>
      line
        .map((cell, column) => (column < words ? cell.padEnd(widths[column]!) : cell.padStart(widths[column]!)))
        .join('  ')
        .trimEnd(),
    )
    .join('\n');
}
