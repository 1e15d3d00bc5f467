import { sceneries } from './scenery.ts';
import { type SummaryRow, shortNumber } from './summary.ts';

/** The result as text: one table for each place and each way in which links carry packets. */
export function renderTables(rows: readonly SummaryRow[]): string {
  const headings = [...new Set(rows.map(headingOf))];
  return headings
    .map((heading) => `${heading}\n\n${renderTable(rows.filter((row) => headingOf(row) === heading))}`)
    .join('\n\n');
}

function headingOf({ scene, carriage }: SummaryRow): string {
  const link = carriage === 'super-segments' ? 'offloads on (up to 64 KiB at once)' : 'offloads off (single packets)';
  return `${sceneries[scene].title}; links with ${link}`;
}

const columns = ['measure', 'unit', 'miredo', 'navalis', 'no tunnel', 'times miredo', 'of no tunnel'];

function renderTable(rows: readonly SummaryRow[]): string {
  const cells = rows.map(({ measure, unit, medians, timesMiredo, shareOfLink }) => [
    measure,
    unit,
    number(medians.miredo),
    number(medians.navalis),
    number(medians.link),
    timesMiredo === undefined ? '' : timesMiredo.toFixed(2),
    shareOfLink === undefined ? '' : `${(100 * shareOfLink).toFixed(0)} %`,
  ]);
  const all = [columns, ...cells];
  const widths = columns.map((_, column) => Math.max(...all.map((row) => row[column]!.length)));
  const line = (row: readonly string[]): string =>
    row
      .map((cell, column) => (column < 2 ? cell.padEnd(widths[column]!) : cell.padStart(widths[column]!)))
      .join('  ')
      .trimEnd();
  return all.map(line).join('\n');
}

function number(value: number | undefined): string {
  return value === undefined ? '' : shortNumber(value);
}
