// Runs every test, says how many passed, holds those against the checklist, and ends with the reasons of failures. The laboratory's
// tests start real programs and measure real time, so they run alone, after the others.
import { spawnSync } from 'node:child_process';
import { readdirSync, rmSync } from 'node:fs';
import { runFailuresAgain } from './second-run.mjs';
import { failuresIn, readJson, reportIn } from './test-reports.mjs';

const root = new URL('../', import.meta.url);
const folders = ['packages', 'apps']
  .flatMap((group) => readdirSync(new URL(group, root)).map((name) => `${group}/${name}`))
  .concat('examples')
  .filter((folder) => readJson(new URL('package.json', at(folder)))?.scripts?.test !== undefined);
for (const file of folders.flatMap((folder) => [reportIn(at(folder)), failuresIn(at(folder))])) {
  rmSync(file, { force: true });
}

const [others, laboratory] = ['!@navalis/lab', '@navalis/lab'].map(
  (packages) =>
    spawnSync(
      'sh',
      ['.ci/turbo', 'run', 'test', `--filter=${packages}`, '--continue', '--concurrency=100%', '--env-mode=loose'],
      { cwd: root, stdio: 'inherit' },
    ).status === 0,
);
const unsteady = laboratory ? [] : runFailuresAgain(at('packages/lab'));
// Which rows of the checklist that proves: a title alone proves nothing.
const conformance = spawnSync('npm', ['run', '--silent', 'conformance'], { cwd: root, stdio: 'inherit' });

const results = folders.map((folder) => readJson(reportIn(at(folder)))).filter((result) => result !== undefined);
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
  const failures = readJson(failuresIn(at(folder)));
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

function at(folder) {
  return new URL(`${folder}/`, root);
}

function print(line) {
  process.stdout.write(`${line}\n`);
}
