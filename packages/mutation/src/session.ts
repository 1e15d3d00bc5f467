import { spawn } from 'node:child_process';
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import type { Job, MutantState, Progress } from './job.ts';
import { metersOf, Patience } from './patience.ts';

export interface Result {
  readonly state: MutantState;
  /** The test that noticed. */
  readonly test?: string;
}

export interface Session {
  /** By the ID of the mutant. */
  readonly results: ReadonlyMap<string, Result>;
  /** Tests that do not pass twice without a mutant, and so are left out. */
  readonly unstable: readonly string[];
}

/** How often to look for results: measuring the processor time takes some milliseconds. */
const lookMs = 250;

/**
 * Runs mutants in processes of their own: when one hangs, it is killed and the next takes over the rest.
 * @throws Error when no test of a file passes without a mutant.
 */
export async function runSession(job: Omit<Job, 'progressFile' | 'measurementsFile'>): Promise<Session> {
  const folder = mkdtempSync(join(tmpdir(), 'navalis-mutants-'));
  const results = new Map<string, Result>();
  let unstable: readonly string[] = [];
  try {
    for (let mutants = job.mutants; mutants.length > 0; mutants = mutants.filter((id) => !results.has(id))) {
      const progressFile = join(folder, 'progress');
      const jobFile = join(folder, 'job.json');
      rmSync(progressFile, { force: true });
      const measurementsFile = join(folder, 'measurements.json');
      writeFileSync(jobFile, JSON.stringify({ ...job, mutants, progressFile, measurementsFile } satisfies Job));
      const progress = await runProcess(jobFile, progressFile);
      for (const each of progress) {
        if (each.kind === 'failed') throw new Error(each.reason);
        if (each.kind === 'ready') unstable = each.unstable;
        if (each.kind === 'result') results.set(each.id, each.test === undefined ? { state: each.state } : each);
      }
      const last = progress.findLast(({ kind }) => kind !== 'passed');
      if (last === undefined)
        throw new Error('The process that runs the mutants ended before it had loaded the tests.');
      if (last.kind === 'started') results.set(last.id, { state: 'timeout' });
    }
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
  return { results, unstable };
}

async function runProcess(jobFile: string, progressFile: string): Promise<Progress[]> {
  // Sources and built file lie equally deep; this one stays JavaScript, so that tests need no build.
  const program = fileURLToPath(new URL('../src/run-mutants.mjs', import.meta.url));
  const child = spawn(process.execPath, [program], {
    env: { ...process.env, NAVALIS_MUTATION_JOB: jobFile, NODE_ENV: 'test', VITEST: 'true' },
    stdio: ['ignore', 'ignore', 'pipe'],
    detached: true,
  });
  let errors = '';
  child.stderr.setEncoding('utf8').on('data', (text: string) => {
    errors = (errors + text).slice(-10_000);
  });
  let ended = false;
  child.on('exit', () => {
    ended = true;
  });
  const group = child.pid!;
  const patience = new Patience(metersOf(group));
  let heard = 0;
  while (!ended) {
    await delay(lookMs);
    const { length } = existsSync(progressFile) ? readFileSync(progressFile) : '';
    if (length > heard) {
      heard = length;
      patience.heard();
    } else if (patience.isOver) {
      // With its worker.
      process.kill(-group, 'SIGKILL');
      break;
    }
  }
  if (!existsSync(progressFile)) throw new Error(`The tests could not be loaded:\n${errors}`);
  return readFileSync(progressFile, 'utf8')
    .split('\n')
    .filter((line) => line !== '')
    .map((line) => JSON.parse(line) as Progress);
}

/** Absolute paths of the test files of a folder of the repository, such as `packages/wire`. */
export function testFilesOf(root: string, folder: string): string[] {
  const tests = join(root, folder, 'test');
  return readdirSync(tests, { recursive: true, encoding: 'utf8' })
    .filter((name) => name.endsWith('.test.ts'))
    .sort()
    .map((name) => join(tests, name));
}
