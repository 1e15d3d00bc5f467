import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { errorOf, type LoadedFile, type MeasuredTest, measure } from './loaded-tests.ts';

/** The record of what the tests of one file did when no mutant was on. */
export interface MeasuredFile {
  readonly tests: readonly MeasuredTest[];
  /**
   * Names of tests that do not pass twice: they would call every mutant killed. Those that measure memory are such, since the changed
   * sources count what they do.
   */
  readonly unstable: readonly string[];
}

type Kept = Readonly<
  Record<string, { tests: (Omit<MeasuredTest, 'reaches'> & { reaches: string[] })[] } & Pick<MeasuredFile, 'unstable'>>
>;

/**
 * Returns the measurements of files, in the same order: those that an earlier process kept at `path`, or new ones, which are kept there.
 * @throws Error when no test of a file passes twice.
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
  for (const measured of await measure(file)) {
    if ((await errorOf(file.test(measured.name))) === undefined) tests.push(measured);
  }
  if (tests.length === 0) throw new Error(`No test of ${file.path} passes twice without a mutant.`);
  const passing = new Set(tests.map(({ name }) => name));
  return { tests, unstable: file.tests.map(({ name }) => name).filter((name) => !passing.has(name)) };
}
