import { existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { posix } from 'node:path';
import { type ChecklistRow, readChecklist } from './checklist.ts';
import { decisionTable, type Page, readProtocolDecisions, readRecords } from './decisions.ts';
import { withBlock } from './generated-block.ts';
import { type NotDone, readNotDone } from './not-done.ts';
import { readTaggedTests, relativeImports, type TaggedTest } from './tagged-tests.ts';
import { type TestReport, testReports } from './test-reports.ts';
import { testTable } from './test-table.ts';

/** The top of the repository: sources and built file of this package are at the same depth. */
const root = new URL('../../../', import.meta.url);

const checklistFolder = 'docs/conformance';
const recordFolder = 'docs/decisions';

export function repositoryChecklist(): ChecklistRow[] {
  return readChecklist(
    checklistPages()
      .map(({ text }) => text)
      .join('\n'),
  );
}

/** Returns the pages of the checklist, in the order in which the index links to them. */
export function checklistPages(): Page[] {
  const index = pageAt(`${checklistFolder}/README.md`).text;
  const names = [...index.matchAll(/\]\(([a-z0-9-]+\.md)\)/g)].map(([, name = '']) => name);
  return [...new Set(names)].map((name) => pageAt(`${checklistFolder}/${name}`));
}

/** Returns every page with a generated block, with its current text and the text that it should have. */
export function generatedPages(): (Page & { readonly current: string })[] {
  const tests = repositoryTaggedTests();
  const checklist = checklistPages();
  const pages = checklist.flatMap((page) => {
    const rows = readChecklist(page.text);
    return rows.length === 0
      ? []
      : [withText(page, withBlock(page.text, 'tests', testTable(rows, tests, checklistFolder)))];
  });
  const index = pageAt(`${recordFolder}/README.md`);
  const records = decisionTable(readRecords(recordPages()), recordFolder);
  const decisions = decisionTable(readProtocolDecisions(checklist), recordFolder);
  return [...pages, withText(index, withBlock(withBlock(index.text, 'records', records), 'decisions', decisions))];
}

export function writePage({ path, text }: Page): void {
  writeFileSync(new URL(path, root), text);
}

/**
 * Returns the rows that are left out on purpose.
 * @throws Error when a decision record is missing.
 */
export function repositoryNotDone(): NotDone[] {
  const folder = new URL('docs/', root);
  const notDone = readNotDone(readFileSync(new URL('not-done.md', folder), 'utf8'));
  for (const { what, record } of notDone) {
    if (!existsSync(new URL(record, folder))) throw new Error(`${what} refers to ${record}, which does not exist.`);
  }
  return notDone;
}

/** Returns the tagged tests of all test files, and of the files in test folders from which they import suites. */
export function repositoryTaggedTests(): TaggedTest[] {
  const files = new Set(testFiles());
  const tests: TaggedTest[] = [];
  for (const file of files) {
    const source = readFileSync(new URL(file, root), 'utf8');
    tests.push(...readTaggedTests(file, source));
    for (const path of relativeImports(file, source)) {
      const imported = posix.join(posix.dirname(file), path);
      if (imported.includes('/test/')) files.add(imported);
    }
  }
  return tests;
}

/** Returns the report of the last run of each package and app with tests; undefined where there is none. */
export function repositoryTestReports(): Map<string, TestReport | undefined> {
  return testReports(root, testedFolders());
}

/** Returns the packages and apps that have tests, such as `packages/wire`. */
function testedFolders(): string[] {
  return ['packages', 'apps']
    .flatMap((group) => readdirSync(new URL(group, root)).map((name) => `${group}/${name}`))
    .filter((folder) => existsSync(new URL(`${folder}/test`, root)));
}

/** Returns the paths of all test files of packages and apps, from the top of the repository. */
function testFiles(): string[] {
  return testedFolders()
    .flatMap((folder) =>
      readdirSync(new URL(`${folder}/test`, root), { recursive: true, encoding: 'utf8' })
        .filter((name) => name.endsWith('.test.ts'))
        .map((name) => `${folder}/test/${name}`),
    )
    .sort();
}

function recordPages(): Page[] {
  const names = readdirSync(new URL(recordFolder, root)).filter((name) => name.endsWith('.md'));
  return names.sort().map((name) => pageAt(`${recordFolder}/${name}`));
}

function pageAt(path: string): Page {
  return { path, text: readFileSync(new URL(path, root), 'utf8') };
}

function withText(page: Page, text: string): Page & { readonly current: string } {
  return { path: page.path, text, current: page.text };
}
