import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { roleFoldersOf } from '../src/packages.ts';
import type { LoadedFile } from '../src/worker/loaded-tests.ts';
import { measurementsOf } from '../src/worker/measurements.ts';

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'navalis-measurements-'));
});
afterEach(() => rmSync(folder, { recursive: true }));

/** A file whose tests count their runs; the second one passes only once. */
function fileAt(path: string) {
  const runs = [0, 0];
  const tests = runs.map((_, index) => ({
    name: `test ${index}`,
    run: () => {
      runs[index]! += 1;
      if (index === 1 && runs[1]! > 1) throw new Error('not again');
    },
  }));
  const file = { path, tests, test: (name: string) => tests.find((test) => test.name === name)! };
  return { file: file as unknown as LoadedFile, runs };
}

describe('what tests do without a mutant', () => {
  it('is measured once, and kept for a process that takes over', async () => {
    const kept = join(folder, 'measurements.json');
    const [one, other] = [fileAt('/one'), fileAt('/other')];
    const measured = await measurementsOf([one.file, other.file], kept);
    expect(measured.map(({ tests, unstable }) => [tests.map(({ name }) => name), unstable])).toEqual([
      [['test 0'], ['test 1']],
      [['test 0'], ['test 1']],
    ]);
    expect(one.runs).toEqual([2, 2]);
    expect(await measurementsOf([other.file, one.file], kept)).toEqual([measured[1], measured[0]]);
    expect(one.runs).toEqual([2, 2]);
  });
});

describe('the roles whose tests count, too', () => {
  it('are those of a package that does nothing alone', () => {
    expect(roleFoldersOf('wire')).toEqual([]);
    expect(roleFoldersOf('traversal')).toEqual(['packages/client-core']);
  });
});
