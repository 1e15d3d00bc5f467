import { spawnSync } from 'node:child_process';
import { readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import type { Mutation } from './mutations.ts';
import type { ScratchCopy } from './scratch-copy.ts';

export interface Verdict {
  readonly mutation: Mutation;
  /** `out of date`: the guard does not stand in the file exactly once. */
  readonly kind: 'noticed' | 'unnoticed' | 'out of date';
  /** The first test that noticed, or what is wrong. */
  readonly detail: string;
}

const patienceMs = 180_000;
/** Where vitest.config.ts has it written to. */
const report = 'node_modules/.cache/test-report.json';

/** Runs the tests of one package after the other until one notices; the file is as before afterwards. */
export function verdictOn(mutation: Mutation, copy: Pick<ScratchCopy, 'folder' | 'read' | 'write'>): Verdict {
  const source = copy.read(mutation.file);
  const occurrences = source.split(mutation.original).length - 1;
  if (occurrences !== 1) {
    return { mutation, kind: 'out of date', detail: `the guard stands there ${occurrences} times, not once` };
  }
  change(
    mutation,
    copy,
    source.replace(mutation.original, () => mutation.mutant),
  );
  try {
    for (const name of mutation.packages) {
      const title = firstFailure(join(copy.folder, 'packages', name));
      if (title !== undefined) return { mutation, kind: 'noticed', detail: `${name}: ${title}` };
    }
    return { mutation, kind: 'unnoticed', detail: `all tests of ${mutation.packages.join(', ')} pass` };
  } finally {
    change(mutation, copy, source);
  }
}

function change({ file, remake }: Mutation, copy: Pick<ScratchCopy, 'folder' | 'write'>, content: string): void {
  copy.write(file, content);
  if (remake === undefined) return;
  const [name, command] = remake;
  const { status, stderr } = spawnSync('npm', ['run', command], { cwd: join(copy.folder, 'packages', name) });
  if (status !== 0) throw new Error(`npm run ${command} in ${name} failed: ${stderr}`);
}

/** The title of the first test that fails, as vitest reports it. */
function firstFailure(folder: string): string | undefined {
  const file = join(folder, report);
  rmSync(file, { force: true });
  const args = ['run', '--config', '../../vitest.config.ts', '--bail=1'];
  const { status } = spawnSync(join(folder, 'node_modules/.bin/vitest'), args, { cwd: folder, timeout: patienceMs });
  if (status === 0) return undefined;
  const { testResults } = JSON.parse(readFileSync(file, 'utf8')) as Report;
  const failed = testResults
    .flatMap(({ assertionResults }) => assertionResults)
    .find((each) => each.status === 'failed');
  return failed?.fullName ?? 'the tests do not even start';
}

interface Report {
  readonly testResults: readonly {
    readonly assertionResults: readonly { readonly status: string; readonly fullName: string }[];
  }[];
}
