import { type ChecklistRow, tagsOf } from './checklist.ts';
import { completeAreas } from './complete-areas.ts';
import type { AreaCoverage, Coverage, Misplaced, Share } from './coverage.ts';
import type { TaggedTest } from './tagged-tests.ts';

/** Returns the coverage as a table for people, followed by the errors. */
export function formatCoverage(coverage: Coverage): string {
  const total = coverage.areas.reduce(sum, { area: 'all', rows: none, must: none, should: none, optional: none });
  const lines = [
    ['area', 'rows', 'covered', 'MUST', 'SHOULD', 'other', ''],
    ...[...coverage.areas, total].map((area) => [
      area.area,
      String(area.rows.total),
      String(area.rows.covered),
      formatShare(area.must),
      formatShare(area.should),
      formatShare(area.optional),
      Object.hasOwn(completeAreas, area.area) ? 'complete' : '',
    ]),
  ];
  const widths = [5, 6, 9, 9, 9, 9, 10];
  const table = lines.map((cells) =>
    cells
      .map((cell, column) => (column === 0 ? cell.padEnd(widths[column]!) : cell.padStart(widths[column]!)))
      .join('')
      .trimEnd(),
  );
  return [...table, ...excuses(coverage), ...optionalRows(coverage), ...problems(coverage)].join('\n');
}

/** Returns the uncovered rows that require a test, one a line, of the given areas or of all. */
export function formatMissing(coverage: Coverage, areas: readonly string[]): string {
  const rows = coverage.missing.filter((row) => areas.length === 0 || areas.includes(row.area));
  return rows.length === 0 ? 'No uncovered row.' : rows.map(formatRow).join('\n');
}

/** Returns the tests that name a row or one of its clauses, one a line, with place and title. */
export function formatTests(rows: readonly ChecklistRow[], tests: readonly TaggedTest[]): string {
  const lines = rows.flatMap((row) =>
    tagsOf(row).flatMap((tag) =>
      tests
        .filter(({ ids, skipped }) => !skipped && ids.includes(tag))
        .map(({ file, line, title }) => `${formatPlace({ id: tag, file, line })}  ${title}`),
    ),
  );
  return lines.length === 0 ? 'No test.' : lines.join('\n');
}

function excuses({ notDone }: Coverage): string[] {
  const lines = notDone.map(
    ({ what, rows, reason, record }) => `${what.padEnd(8)} ${`${rows} rows`.padStart(8)}  ${reason} (${record})`,
  );
  return section('Deliberately not done', lines);
}

function optionalRows({ areas, optionalWithout }: Coverage): string[] {
  const lines = areas.flatMap(({ area }) => {
    const ids = optionalWithout.filter((row) => row.area === area).map((row) => row.id);
    return ids.length === 0 ? [] : [`${area.padEnd(5)} ${ids.join(' ')}`];
  });
  return section('MAY rows and design rows without a test', lines);
}

function problems(coverage: Coverage): string[] {
  return [
    ...section('Uncovered in areas declared complete', coverage.missingInCompleteAreas.map(formatRow)),
    ...section('Clauses without a test', coverage.missingClauses),
    ...section('IDs of whole rows where the test must name the clause', coverage.unspecific.map(formatPlace)),
    ...section('Excused without need', coverage.idleExcuses),
    ...section('IDs that the checklist does not have', coverage.unknown.map(formatPlace)),
    ...section('IDs on tests that never run', coverage.skipped.map(formatPlace)),
  ];
}

function section(title: string, lines: readonly string[]): string[] {
  return lines.length === 0 ? [] : ['', `${title}:`, ...lines.map((line) => `  ${line}`)];
}

function formatRow(row: ChecklistRow): string {
  return `${row.id.padEnd(8)} ${row.level.padEnd(10)} ${row.requirement}`;
}

function formatPlace({ id, file, line }: Misplaced): string {
  return `${id.padEnd(8)} ${file}:${line}`;
}

function formatShare({ covered, total }: Share): string {
  return total === 0 ? '-' : `${covered}/${total}`;
}

const none: Share = { covered: 0, total: 0 };

function sum(left: AreaCoverage, right: AreaCoverage): AreaCoverage {
  const add = (a: Share, b: Share) => ({ covered: a.covered + b.covered, total: a.total + b.total });
  return {
    area: left.area,
    rows: add(left.rows, right.rows),
    must: add(left.must, right.must),
    should: add(left.should, right.should),
    optional: add(left.optional, right.optional),
  };
}
