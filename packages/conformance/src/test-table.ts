import { posix } from 'node:path';
import { type ChecklistRow, tagsOf } from './checklist.ts';
import type { TaggedTest } from './tagged-tests.ts';

/**
 * Returns the table of a page's rows and of the test files that name them, as lines of Markdown. It has neither titles nor line
 * numbers, and each path once, so that few changes of tests change it.
 * @param folder - where the page is, from the top of the repository; links are relative to it.
 */
export function testTable(rows: readonly ChecklistRow[], tests: readonly TaggedTest[], folder: string): string[] {
  const filesOf = (row: ChecklistRow) =>
    tagsOf(row).flatMap((tag) => {
      const files = tests.filter(({ ids, skipped }) => !skipped && ids.includes(tag)).map(({ file }) => file);
      return files.length === 0 ? [] : [{ tag, row, files: [...new Set(files)].sort() }];
    });
  const tested = rows.flatMap(filesOf);
  const labels = labelsOf(tested.flatMap(({ files }) => files));
  const without = rows.filter((row) => !tested.some((each) => each.row === row)).map(({ id }) => id);
  const table = tested.map(
    ({ tag, row, files }) =>
      `| [${tag}](#${row.id.toLowerCase()}) | ${files.map((file) => `[${labels.get(file)}]`).join(', ')} |`,
  );
  return [
    ...(tested.length > 0 ? ['| Row | Test files |', '|---|---|', ...table, ''] : []),
    ...(without.length > 0 ? [`Without a test: ${without.join(', ')}.`, ''] : []),
    ...[...labels].map(([file, label]) => `[${label}]: ${posix.relative(folder, file)}`),
  ];
}

/** Returns package and name of each file, or package and path where two files share a name. */
function labelsOf(files: readonly string[]): Map<string, string> {
  const unique = [...new Set(files)].sort();
  const short = (file: string) => label(file, posix.basename(file));
  return new Map(
    unique.map((file) => {
      const isShared = unique.some((other) => other !== file && short(other) === short(file));
      return [file, isShared ? label(file, file.replace(/^.*?\/test\//, '')) : short(file)];
    }),
  );
}

function label(file: string, name: string): string {
  return `${file.split('/')[1]}: ${name.replace(/(\.test)?\.ts$/, '')}`;
}
