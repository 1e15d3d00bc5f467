import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { type ChecklistRow, readChecklist } from './checklist.ts';
import { readTaggedTests, type TaggedTest } from './tagged-tests.ts';

/** The top of the repository; sources and the built file of this package lie equally deep. */
const root = new URL('../../../', import.meta.url);

export function repositoryChecklist(): ChecklistRow[] {
  return readChecklist(readFileSync(new URL('docs/conformance.md', root), 'utf8'));
}

export function repositoryTaggedTests(): TaggedTest[] {
  return testFiles().flatMap((file) => readTaggedTests(file, readFileSync(new URL(file, root), 'utf8')));
}

/** Paths of all test files of packages and apps, from the top of the repository. */
function testFiles(): string[] {
  const folders = ['packages', 'apps'].flatMap((group) =>
    readdirSync(new URL(group, root)).map((name) => `${group}/${name}/test`),
  );
  return folders
    .filter((folder) => existsSync(new URL(folder, root)))
    .flatMap((folder) =>
      readdirSync(new URL(folder, root), { recursive: true, encoding: 'utf8' })
        .filter((name) => name.endsWith('.test.ts'))
        .map((name) => `${folder}/${name}`),
    )
    .sort();
}
