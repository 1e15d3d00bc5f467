import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { errorOf, type LoadedFile, type MeasuredTest, measure } from './loaded-tests.ts';

/** The record of what the tests of one file did when no mutant was on. */
export interface MeasuredFile {
  readonly tests: readonly MeasuredTest[];
  /** Names of tests that pass only the first time: they would call every mutant killed. */
  readonly unstable: readonly string[];
}

type Kept = Readonly<
  Record<string, { tests: (Omit<MeasuredTest, 'reaches'> & { reaches: string[] })[] } & Pick<MeasuredFile, 'unstable'>>
>;

/**
 * Returns the measurements of files, in the same order: those that an earlier process kept at `path`, or new ones, which are kept there.
 * @throws Error when a test fails.
 */
export async function measurementsOf(files: readonly LoadedFile[], path: string): Promise<readonly MeasuredFile[]> {
  if (existsSync(path)) {
    const kept = JSON.parse(readFileSync(path, 'utf8')) as Kept;
    return files.map((file) => {
      const { tests, unstable } = kept[file.path]!;
      return { tests: tests.map((test) => ({ ...test, reaches: new Set(test.reaches) })), unstable };
    });
  }
  const measured: MeasuredFile[] = [];
  for (const file of files) measured.push(await measuredTwice(file));
  const kept: Kept = Object.fromEntries(
    measured.map(({ tests, unstable }, index) => [
      files[index]!.path,
      { tests: tests.map((test) => ({ ...test, reaches: [...test.reaches] })), unstable },
    ]),
  );
  writeFileSync(path, JSON.stringify(kept));
  return measured;
}

async function measuredTwice(file: LoadedFile): Promise<MeasuredFile> {
  const tests: MeasuredTest[] = [];
  const unstable: string[] = [];
  for (const measured of await measure(file)) {
    const isRepeatable = (await errorOf(file.test(measured.name))) === undefined;
    if (isRepeatable) tests.push(measured);
    else unstable.push(measured.name);
  }
  return { tests, unstable };
}
