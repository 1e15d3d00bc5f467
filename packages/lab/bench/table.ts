import { alignColumns } from './columns.ts';
import { sceneries } from './scenery.ts';
import { type SummaryRow, shortNumber } from './summary.ts';

/** A table for each place and each way in which links carry packets, with both as its heading. */
export interface Table {
  readonly heading: string;
  /** The first line names the columns; the first two are words, the others numbers. */
  readonly lines: readonly (readonly string[])[];
}

/** The heading of a column, and its value for a row. */
type Column = readonly [head: string, cell: (row: SummaryRow) => string];

const columns: readonly Column[] = [
  ['measure', ({ measure }) => measure],
  ['unit', ({ unit }) => unit],
  ['miredo', ({ medians }) => number(medians.miredo)],
  ['navalis', ({ medians }) => number(medians.navalis)],
  ['no tunnel', ({ medians }) => number(medians.link)],
  ['times miredo', ({ timesMiredo }) => timesMiredo?.toFixed(2) ?? ''],
  ['of no tunnel', ({ shareOfLink }) => (shareOfLink === undefined ? '' : `${(100 * shareOfLink).toFixed(0)} %`)],
];

/** The columns of a comparison with another checkout. */
const columnsWithBefore: readonly Column[] = [
  ...columns.slice(0, 2),
  ['before', ({ medians }) => number(medians.before)],
  ['now', ({ medians }) => number(medians.navalis)],
  ['times before', ({ timesBefore }) => timesBefore?.median.toFixed(2) ?? ''],
  [
    'in each round',
    ({ timesBefore }) =>
      timesBefore === undefined ? '' : `${timesBefore.least.toFixed(2)} to ${timesBefore.most.toFixed(2)}`,
  ],
];
const columnsOfWords = 2;

export function tablesOf(rows: readonly SummaryRow[]): readonly Table[] {
  const headings = [...new Set(rows.map(headingOf))];
  const shown = rows.some(({ medians }) => medians.before !== undefined) ? columnsWithBefore : columns;
  return headings.map((heading) => ({
    heading,
    lines: [
      shown.map(([head]) => head),
      ...rows.filter((row) => headingOf(row) === heading).map((row) => shown.map(([, cell]) => cell(row))),
    ],
  }));
}

/** Renders the tables for a terminal. */
export function renderText(tables: readonly Table[]): string {
  return tables.map(({ heading, lines }) => `${heading}\n\n${alignColumns(lines, columnsOfWords)}`).join('\n\n');
}

/** Renders the tables as Markdown for the documentation. */
export function renderMarkdown(tables: readonly Table[]): string {
  const row = (cells: readonly string[]): string => `| ${cells.join(' | ')} |`;
  return tables
    .map(({ heading, lines: [names = [], ...others] }) => {
      const rule = row(names.map((_, column) => (column < columnsOfWords ? '---' : '--:')));
      return [`### ${heading}`, '', row(names), rule, ...others.map(row)].join('\n');
    })
    .join('\n\n');
}

function headingOf({ scene, carriage }: SummaryRow): string {
  const link = carriage === 'super-segments' ? 'offloads on (up to 64 KiB at once)' : 'offloads off (single packets)';
  return `${sceneries[scene].title}; links with ${link}`;
}

function number(value: number | undefined): string {
  return value === undefined ? '' : shortNumber(value);
}
