import { sceneries } from './scenery.ts';
import { type SummaryRow, shortNumber } from './summary.ts';

/** A table for each place and each way in which links carry packets, headed by what these are. */
export interface Table {
  readonly heading: string;
  /** The first line names the columns; the first two are words, the others numbers. */
  readonly lines: readonly (readonly string[])[];
}

const columns = ['measure', 'unit', 'miredo', 'navalis', 'no tunnel', 'times miredo', 'of no tunnel'];
const columnsOfWords = 2;

export function tablesOf(rows: readonly SummaryRow[]): readonly Table[] {
  const headings = [...new Set(rows.map(headingOf))];
  return headings.map((heading) => ({
    heading,
    lines: [columns, ...rows.filter((row) => headingOf(row) === heading).map(lineOf)],
  }));
}

/** For people at a terminal. */
export function renderText(tables: readonly Table[]): string {
  return tables.map(({ heading, lines }) => `${heading}\n\n${alignColumns(lines)}`).join('\n\n');
}

/** For a page of the documentation. */
export function renderMarkdown(tables: readonly Table[]): string {
  const row = (cells: readonly string[]): string => `| ${cells.join(' | ')} |`;
  const rule = row(columns.map((_, column) => (column < columnsOfWords ? '---' : '--:')));
  return tables
    .map(({ heading, lines: [names = [], ...others] }) =>
      [`### ${heading}`, '', row(names), rule, ...others.map(row)].join('\n'),
    )
    .join('\n\n');
}

function headingOf({ scene, carriage }: SummaryRow): string {
  const link = carriage === 'super-segments' ? 'offloads on (up to 64 KiB at once)' : 'offloads off (single packets)';
  return `${sceneries[scene].title}; links with ${link}`;
}

function lineOf({ measure, unit, medians, timesMiredo, shareOfLink }: SummaryRow): readonly string[] {
  return [
    measure,
    unit,
    number(medians.miredo),
    number(medians.navalis),
    number(medians.link),
    timesMiredo === undefined ? '' : timesMiredo.toFixed(2),
    shareOfLink === undefined ? '' : `${(100 * shareOfLink).toFixed(0)} %`,
  ];
}

function alignColumns(lines: Table['lines']): string {
  const widths = columns.map((_, column) => Math.max(...lines.map((line) => line[column]!.length)));
  return lines
    .map((line) =>
      line
        .map((cell, column) =>
          column < columnsOfWords ? cell.padEnd(widths[column]!) : cell.padStart(widths[column]!),
        )
        .join('  ')
        .trimEnd(),
    )
    .join('\n');
}

function number(value: number | undefined): string {
  return value === undefined ? '' : shortNumber(value);
}
