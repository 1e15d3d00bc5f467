// Runs every test, says how many passed, holds those against the checklist, and ends with the reasons of failures. The laboratory's
// tests start real programs and measure real time, so they run alone, after the others.
import { spawnSync } from 'node:child_process';
import { existsSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { runFailuresAgain } from './second-run.mjs';

const root = new URL('../', import.meta.url);
const folders = ['packages', 'apps']
  .flatMap((group) => readdirSync(new URL(group, root)).map((name) => `${group}/${name}`))
  .concat('examples')
  .filter((folder) => readJson(`${folder}/package.json`)?.scripts?.test !== undefined);
// Where vitest.config.ts has the results of each package written to.
const reportOf = (folder) => `${folder}/node_modules/.cache/test-report.json`;
const failuresOf = (folder) => `${folder}/node_modules/.cache/test-failures.json`;
for (const file of folders.flatMap((folder) => [reportOf(folder), failuresOf(folder)])) {
  rmSync(new URL(file, root), { force: true });
}

const [others, laboratory] = ['!@navalis/lab', '@navalis/lab'].map(
  (packages) =>
    spawnSync(
      'sh',
      ['.ci/turbo', 'run', 'test', `--filter=${packages}`, '--continue', '--concurrency=100%', '--env-mode=loose'],
      { cwd: root, stdio: 'inherit' },
    ).status === 0,
);
const unsteady = laboratory ? [] : runFailuresAgain(new URL('packages/lab/', root));
// Which rows of the checklist that proves: a title alone proves nothing.
const conformance = spawnSync('npm', ['run', '--silent', 'conformance'], { cwd: root, stdio: 'inherit' });

const results = folders.map((folder) => readJson(reportOf(folder))).filter((result) => result !== undefined);
const sum = (key) => results.reduce((total, result) => total + result[key], 0);
const skipped = sum('numPendingTests') + sum('numTodoTests');
const testsPassed = others && unsteady !== undefined;
const passed = testsPassed && conformance.status === 0;
print(
  `\n${testsPassed ? 'PASSED' : 'FAILED'}: ${sum('numPassedTests')} tests passed, ${sum('numFailedTests')} failed, ` +
    `${skipped} skipped, in ${results.length} packages.`,
);
if (testsPassed && !passed) print('FAILED: conformance; see above.');
// The last lines of a long log are what is read first.
for (const folder of folders) {
  const failures = readJson(failuresOf(folder));
  if (failures === undefined) print(`\n${folder}: its tests did not run to their end.`);
  printFailures(folder, failures ?? []);
}
if (unsteady !== undefined && unsteady.length > 0) {
  print('\nUNSTEADY: these failed once, and passed when they ran again. Each is a defect; mend it.');
  printFailures('packages/lab', unsteady);
}
process.exitCode = passed ? 0 : 1;

function printFailures(folder, failures) {
  for (const { file, title, lines } of failures) {
    print(`\n${folder}${file === '' ? '' : `/${file}`}`);
    if (title !== '') print(`  ${title}`);
    for (const line of lines) print(`    ${line}`);
  }
}

function readJson(path) {
  const file = new URL(path, root);
  return existsSync(file) ? JSON.parse(readFileSync(file, 'utf8')) : undefined;
}

function print(line) {
  process.stdout.write(`${line}\n`);
}
