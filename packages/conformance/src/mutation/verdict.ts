import { spawnSync } from 'node:child_process';
import { existsSync, readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import type { Mutation } from './mutations.ts';
import type { ScratchCopy } from './scratch-copy.ts';

export interface Verdict {
  readonly mutation: Mutation;
  /**
   * `out of date`: the guard does not occur in the file exactly once. `not run`: no test ran without the guard, so none could
   * fail; a syntax error proves nothing.
   */
  readonly kind: 'noticed' | 'unnoticed' | 'out of date' | 'not run';
  /** The first test that failed, or the error. */
  readonly detail: string;
}

const timeoutMs = 180_000;
/** Where vitest.config.ts puts the report. */
const report = 'node_modules/.cache/test-report.json';

/** Runs the tests of one package after the other until one fails, and restores the file afterwards. */
export function verdictOn(
  mutation: Mutation,
  copy: Pick<ScratchCopy, 'folder' | 'read' | 'write'>,
  run: (folder: string) => TestRun = runTests,
): Verdict {
  const source = copy.read(mutation.file);
  const occurrences = source.split(mutation.original).length - 1;
  if (occurrences !== 1) {
    return { mutation, kind: 'out of date', detail: `the guard occurs ${occurrences} times, not once` };
  }
  change(
    mutation,
    copy,
    source.replace(mutation.original, () => mutation.mutant),
  );
  try {
    for (const name of mutation.packages) {
      const { ran, failed, output } = run(join(copy.folder, 'packages', name));
      if (failed !== undefined) return { mutation, kind: 'noticed', detail: `${name}: ${failed}` };
      if (!ran) return { mutation, kind: 'not run', detail: `the tests of ${name} do not even start: ${output}` };
    }
    return { mutation, kind: 'unnoticed', detail: `all tests of ${mutation.packages.join(', ')} pass` };
  } finally {
    change(mutation, copy, source);
  }
}

function change({ file, remake }: Mutation, copy: Pick<ScratchCopy, 'folder' | 'write'>, content: string): void {
  copy.write(file, content);
  if (remake === undefined) return;
  const [name, command] = remake;
  const { status, stderr } = spawnSync('npm', ['run', command], { cwd: join(copy.folder, 'packages', name) });
  if (status !== 0) throw new Error(`npm run ${command} in ${name} failed: ${stderr}`);
}

/** The result of a run of the tests of a package. */
export interface TestRun {
  /** Every file with tests was loaded, and at least one test finished. */
  readonly ran: boolean;
  /** The title of the first test that failed. */
  readonly failed: string | undefined;
  /** The end of the runner's output, when the tests did not run. */
  readonly output: string;
}

function runTests(folder: string): TestRun {
  const file = join(folder, report);
  rmSync(file, { force: true });
  const args = ['run', '--config', '../../vitest.config.ts', '--bail=1'];
  const { status, stdout, stderr } = spawnSync(join(folder, 'node_modules/.bin/vitest'), args, {
    cwd: folder,
    timeout: timeoutMs,
    encoding: 'utf8',
  });
  const content = existsSync(file) ? readFileSync(file, 'utf8') : undefined;
  return testRunOf(status, content, `${stdout}${stderr}`.slice(-2000));
}

/** Reads the exit status and the report of vitest; a missing report counts as a run without tests. */
export function testRunOf(status: number | null, report: string | undefined, output: string): TestRun {
  const { testResults } = report === undefined ? { testResults: [] } : (JSON.parse(report) as Report);
  const tests = testResults.flatMap(({ assertionResults }) => assertionResults);
  const failed = tests.find((test) => test.status === 'failed')?.fullName;
  // A file that cannot be loaded is a failure without a failed test.
  return { ran: tests.length > 0 && (status === 0 || failed !== undefined), failed, output };
}

interface Report {
  readonly testResults: readonly {
    readonly assertionResults: readonly { readonly status: string; readonly fullName: string }[];
  }[];
}
