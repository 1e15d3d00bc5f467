// The laboratory runs real programs in real time, on a machine that may do other things besides. Files of it that failed run once
// more, alone; what fails only once is printed as unsteady, since it is a defect of the test or of what it tests, all the same.
import { spawnSync } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { failuresIn, readJson, reportIn } from './test-reports.mjs';

/** More failed files than that are no accident. */
const mostFiles = 3;

/**
 * Runs the failed files of a package again, and puts what came of it into the package's report. Returns the failures of the first
 * run that did not come again; undefined if nothing was repeated, or the second run failed, too.
 */
export function runFailuresAgain(folder) {
  const first = readJson(reportIn(folder));
  const before = readJson(failuresIn(folder));
  if (first === undefined || before === undefined) return undefined;
  const files = [...new Set(before.map(({ file }) => file))];
  if (files.length === 0 || files.length > mostFiles || files.includes('')) return undefined;
  process.stdout.write(`\nOnce more, alone: ${files.join(', ')}\n`);
  const arguments_ = ['run', '--no-file-parallelism', ...files];
  const cwd = fileURLToPath(folder);
  const vitest = fileURLToPath(new URL('../node_modules/vitest/vitest.mjs', import.meta.url));
  const { status } = spawnSync(process.execPath, [vitest, ...arguments_], { cwd, stdio: 'inherit' });
  const second = readJson(reportIn(folder));
  writeFileSync(reportIn(folder), JSON.stringify(merge(first, second)));
  return status === 0 ? before : undefined;
}

/** Returns the first report, with the files of the second in place of its own. */
function merge(first, second) {
  const again = new Map(second.testResults.map((result) => [result.name, result]));
  const testResults = first.testResults.map((result) => again.get(result.name) ?? result);
  const tests = testResults.flatMap(({ assertionResults }) => assertionResults);
  const count = (...states) => tests.filter(({ status }) => states.includes(status)).length;
  return {
    ...first,
    success: testResults.every(({ status }) => status === 'passed'),
    numPassedTests: count('passed'),
    numFailedTests: count('failed'),
    numPendingTests: count('pending', 'skipped'),
    numTodoTests: count('todo'),
    testResults,
  };
}
