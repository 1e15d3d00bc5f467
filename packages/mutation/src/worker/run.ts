// The one "test" that vitest sees: it runs the collected tests, one mutant after the other.
import { appendFileSync, readFileSync } from 'node:fs';
import * as fc from 'fast-check';
import { test } from 'vitest';
import type { Job, Progress } from '../job.ts';
import { LoadedFile, type MeasuredTest } from './loaded-tests.ts';
import { measurementsOf } from './measurements.ts';
import { Trial } from './trial.ts';

// Only the existence of a counterexample counts, not its size; and a mutant must see the same values in every run.
fc.configureGlobal({ endOnFailure: true, seed: 4380 });

const { NAVALIS_MUTATION_JOB: jobFile = '' } = process.env;

test('mutants', async () => {
  const job = JSON.parse(readFileSync(jobFile, 'utf8')) as Job;
  const tell = (progress: Progress) => appendFileSync(job.progressFile, `${JSON.stringify(progress)}\n`);
  try {
    const { files, tests, unstable } = await load(job);
    tell({ kind: 'ready', tests: tests.length, unstable });
    const trial = new Trial(files, tests, () => tell({ kind: 'passed' }));
    for (const id of job.mutants) {
      tell({ kind: 'started', id });
      tell({ kind: 'result', id, ...(await trial.outcomeOf(id)) });
      // vitest wants to hear from its worker now and then.
      await new Promise(setImmediate);
    }
    tell({ kind: 'done' });
  } catch (error) {
    tell({ kind: 'failed', reason: error instanceof Error ? (error.stack ?? error.message) : String(error) });
  }
}, 0);

async function load({ testFiles, measurementsFile, longestTestMs = Number.POSITIVE_INFINITY }: Job) {
  const files: LoadedFile[] = [];
  for (const path of testFiles) files.push(await LoadedFile.load(path));
  const measured = await measurementsOf(files, measurementsFile);
  const isShort = ({ milliseconds }: MeasuredTest) => milliseconds <= longestTestMs;
  return {
    files,
    tests: measured.flatMap(({ tests }, index) =>
      tests.filter(isShort).map((test) => ({ ...test, file: files[index]! })),
    ),
    unstable: measured.flatMap(({ unstable }) => unstable),
  };
}
