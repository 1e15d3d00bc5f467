import { spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { root } from './workspace.ts';

const repository = fileURLToPath(root);
const shared = JSON.stringify(join(repository, 'vitest.config.ts'));
const script = JSON.stringify(new URL('.ci/second-run.mjs', root).href);

/** A test that fails in its first run. */
const luck = `
import { existsSync, writeFileSync } from 'node:fs';
import { expect, it } from 'vitest';
it('has luck', () => {
  const isAgain = existsSync('again');
  writeFileSync('again', '');
  expect(isAgain).toBe(true);
});
it('holds beside it', () => {});
`;
const good = "import { it } from 'vitest';\nit('holds', () => {});";
const bad = "import { it } from 'vitest';\nit('breaks', () => { throw new Error('always'); });";

describe('failures of the laboratory', () => {
  let folder: string;

  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'navalis-second-run-'));
    mkdirSync(join(folder, 'node_modules'));
    mkdirSync(join(folder, 'test'));
    symlinkSync(join(repository, 'node_modules/vitest'), join(folder, 'node_modules/vitest'));
    writeFileSync(join(folder, 'package.json'), '{ "type": "module" }');
    writeFileSync(join(folder, 'vitest.config.ts'), `export { default } from ${shared};`);
  });

  afterEach(() => rmSync(folder, { recursive: true, force: true }));

  /** Runs tests, then what failed of them again. Returns the titles of unsteady tests, and the counts of the report. */
  function runTwice(files: Readonly<Record<string, string>>): {
    unsteady: readonly string[] | undefined;
    passed: number;
    failed: number;
  } {
    for (const [name, text] of Object.entries(files)) writeFileSync(join(folder, `test/${name}.test.ts`), text);
    spawnSync(join(repository, 'node_modules/.bin/vitest'), ['run'], { cwd: folder });
    const place = JSON.stringify(`${pathToFileURL(folder).href}/`);
    const program =
      `import { runFailuresAgain } from ${script};` +
      `console.error(JSON.stringify(runFailuresAgain(new URL(${place}))?.map(({ title }) => title) ?? null));`;
    const { stderr } = spawnSync(process.execPath, ['--input-type=module', '--eval', program], { encoding: 'utf8' });
    const report = JSON.parse(readFileSync(join(folder, 'node_modules/.cache/test-report.json'), 'utf8')) as {
      readonly numPassedTests: number;
      readonly numFailedTests: number;
    };
    const unsteady = JSON.parse(stderr.trim().split('\n').at(-1)!) as string[] | null;
    return { unsteady: unsteady ?? undefined, passed: report.numPassedTests, failed: report.numFailedTests };
  }

  it('that pass in a second run are named, and count as passed', () => {
    expect(runTwice({ luck, good })).toEqual({ unsteady: ['has luck'], passed: 3, failed: 0 });
  }, 240_000);

  it('that come again stay failures', () => {
    expect(runTwice({ luck, good, bad })).toEqual({ unsteady: undefined, passed: 3, failed: 1 });
  }, 240_000);

  it('in many files are no accident, and stay', () => {
    const files = { first: bad, second: bad, third: bad, fourth: luck };
    expect(runTwice(files)).toEqual({ unsteady: undefined, passed: 1, failed: 4 });
  }, 240_000);
});
