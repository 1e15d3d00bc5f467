import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { LoadedFile } from '../src/worker/loaded-tests.ts';
import { measurementsOf } from '../src/worker/measurements.ts';

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'navalis-measurements-'));
});
afterEach(() => rmSync(folder, { recursive: true }));

/** A file whose tests count their runs; each passes so often. */
function fileAt(path: string, passes: readonly number[] = [2, 1, 0]) {
  const runs = passes.map(() => 0);
  const tests = passes.map((times, index) => ({
    name: `test ${index}`,
    run: () => {
      runs[index]! += 1;
      if (runs[index]! > times) throw new Error('no more');
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
      [['test 0'], ['test 1', 'test 2']],
      [['test 0'], ['test 1', 'test 2']],
    ]);
    expect(one.runs).toEqual([2, 2, 1]);
    expect(await measurementsOf([other.file, one.file], kept)).toEqual([measured[1], measured[0]]);
    expect(one.runs).toEqual([2, 2, 1]);
  });

  it('is nothing where no test of a file passes twice, which ends the run', async () => {
    const bad = fileAt('/bad', [1, 0]);
    await expect(measurementsOf([bad.file], join(folder, 'measurements.json'))).rejects.toThrow(
      'No test of /bad passes twice without a mutant.',
    );
  });
});
