// Runs every test, says in one line how many passed, and holds those against the checklist. The laboratory's tests start real programs and
// measure real time, so they run alone, after the others.
import { spawnSync } from 'node:child_process';
import { existsSync, readdirSync, readFileSync, rmSync } from 'node:fs';

const root = new URL('../', import.meta.url);
const folders = ['packages', 'apps']
  .flatMap((group) => readdirSync(new URL(group, root)).map((name) => `${group}/${name}`))
  .concat('examples');
// Where vitest.config.ts has each package's report written to.
const reports = folders.map((folder) => new URL(`${folder}/node_modules/.cache/test-report.json`, root));
for (const report of reports) rmSync(report, { force: true });

const runs = ['!@navalis/lab', '@navalis/lab'].map((packages) =>
  spawnSync(
    'sh',
    ['.ci/turbo', 'run', 'test', `--filter=${packages}`, '--continue', '--concurrency=100%', '--env-mode=loose'],
    { cwd: root, stdio: 'inherit' },
  ),
);

const results = reports
  .filter((report) => existsSync(report))
  .map((report) => JSON.parse(readFileSync(report, 'utf8')));
const sum = (key) => results.reduce((total, result) => total + result[key], 0);
const skipped = sum('numPendingTests') + sum('numTodoTests');
const passed = runs.every((run) => run.status === 0);
process.stdout.write(
  `\n${passed ? 'PASSED' : 'FAILED'}: ${sum('numPassedTests')} tests passed, ${sum('numFailedTests')} failed, ` +
    `${skipped} skipped, in ${results.length} packages.\n`,
);
// Which rows of the checklist that proves: a title alone proves nothing.
const conformance = spawnSync('npm', ['run', '--silent', 'conformance'], { cwd: root, stdio: 'inherit' });
process.exitCode = passed && conformance.status === 0 ? 0 : 1;
