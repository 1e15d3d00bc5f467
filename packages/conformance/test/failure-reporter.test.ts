import { spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { root } from './workspace.ts';

const repository = fileURLToPath(root);

interface Failure {
  readonly file: string;
  readonly title: string;
  readonly lines: readonly string[];
}

const broken = `
import { beforeAll, describe, expect, it } from 'vitest';
describe('numbers', () => {
  it('differ', () => {
    expect([1, 2]).toEqual([1, 3]);
  });
  it('agree', () => {});
});
describe('a hook', () => {
  beforeAll(() => { throw new Error('no machine'); });
  it('prepares this', () => {});
});
it('is slow', () => new Promise(() => {}), 50);
it('speaks at length', () => { throw new Error(\`first\\n\${'word\\n'.repeat(30)}last\`); });
it('goes on behind its own back', async () => {
  void Promise.reject(new Error('too late'));
  await new Promise((resolve) => setTimeout(resolve, 20));
});
`;

describe('the failures that a run of tests ends with', () => {
  let folder: string;
  let status: number | null;
  let failures: readonly Failure[];

  beforeAll(() => {
    folder = mkdtempSync(join(tmpdir(), 'navalis-failures-'));
    mkdirSync(join(folder, 'node_modules'));
    mkdirSync(join(folder, 'test'));
    symlinkSync(join(repository, 'node_modules/vitest'), join(folder, 'node_modules/vitest'));
    writeFileSync(join(folder, 'package.json'), '{ "type": "module" }');
    writeFileSync(join(folder, 'test/broken.test.ts'), broken);
    writeFileSync(join(folder, 'test/absent.test.ts'), "import './nowhere.ts';");
    writeFileSync(join(folder, 'test/good.test.ts'), "import { it } from 'vitest';\nit('holds', () => {});");
    const args = ['run', '--config', join(repository, 'vitest.config.ts'), '--root', folder];
    status = spawnSync(join(repository, 'node_modules/.bin/vitest'), args, { cwd: folder }).status;
    failures = JSON.parse(readFileSync(join(folder, 'node_modules/.cache/test-failures.json'), 'utf8')) as Failure[];
    // A vitest that starts here beside several suites has taken more than the usual minute.
  }, 240_000);

  afterAll(() => rmSync(folder, { recursive: true, force: true }));

  const linesOf = (title: string) => failures.find((each) => each.title === title)?.lines;

  it('are those of tests, hooks, files, and unawaited errors', () => {
    expect(status).toBe(1);
    expect(failures.map(({ file, title }) => [file, title]).toSorted()).toEqual([
      ['', 'an error outside of all tests'],
      ['test/absent.test.ts', ''],
      ['test/broken.test.ts', 'a hook'],
      ['test/broken.test.ts', 'is slow'],
      ['test/broken.test.ts', 'numbers > differ'],
      ['test/broken.test.ts', 'speaks at length'],
    ]);
  });

  it('show the difference and its line', () => {
    expect(linesOf('numbers > differ')).toEqual([
      'AssertionError: expected [ 1, 2 ] to deeply equal [ 1, 3 ]',
      '- Expected',
      '+ Received',
      '  [',
      '    1,',
      '-   3,',
      '+   2,',
      '  ]',
      'at test/broken.test.ts:5',
    ]);
  });

  it('say why a file, a hook or a test in time failed', () => {
    expect(linesOf('')?.[0]).toMatch(/Cannot find module '.\/nowhere.ts'/);
    expect(linesOf('a hook')).toEqual(['Error: no machine', 'at test/broken.test.ts:10']);
    expect(linesOf('is slow')?.[0]).toBe('Error: Test timed out in 50ms.');
    expect(linesOf('an error outside of all tests')?.[0]).toBe('Error: too late');
  });

  it('say the first and the last lines of a long message', () => {
    const lines = linesOf('speaks at length');
    expect(lines).toHaveLength(26);
    expect([lines?.[0], lines?.[12], lines?.[24]]).toEqual(['Error: first', '... 8 more lines ...', 'last']);
  });
});
