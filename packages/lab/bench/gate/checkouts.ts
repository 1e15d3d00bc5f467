import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { onCleanUp } from '../../src/clean-up.ts';
import { run, runBeside } from '../../src/command.ts';
import { LabError } from '../../src/lab-error.ts';
import { repositoryPath } from '../../src/repository.ts';

const installMs = 600_000;
const buildMs = 900_000;

/** Returns the full name of a commit. @throws LabError when there is none of this name. */
export function commitOf(name: string): string {
  const { status, stdout } = git(['rev-parse', '--verify', '--quiet', `${name}^{commit}`], true);
  if (status !== 0) throw new LabError(`"${name}" is no commit of this repository.`);
  return stdout.trim();
}

/** Returns the last release tag of a commit or those before it; undefined when there is none. */
export function lastReleaseOf(commit: string): string | undefined {
  const { stdout } = git(['tag', '--merged', commit, '--sort=-creatordate', '--list', 'v[0-9]*'], false);
  return stdout.split('\n').find((tag) => tag !== '');
}

/** Checks a commit out into a folder of its own and builds it; the folder is removed when this process ends. */
export async function builtCheckout(commit: string, tell: (line: string) => void): Promise<string> {
  const parent = mkdtempSync(join(tmpdir(), 'navalis-gate-'));
  const folder = join(parent, 'checkout');
  onCleanUp(() => {
    git(['worktree', 'remove', '--force', folder], true);
    rmSync(parent, { recursive: true, force: true });
    git(['worktree', 'prune'], true);
  });
  git(['worktree', 'add', '--detach', folder, commit], false);
  tell(`building ${commit.slice(0, 12)}`);
  await inFolder(folder, 'sh', ['.ci/setup'], installMs);
  await inFolder(folder, 'npm', ['run', '--silent', 'build'], buildMs);
  return folder;
}

async function inFolder(folder: string, command: string, args: readonly string[], timeoutMs: number): Promise<void> {
  await runBeside('env', ['--chdir', folder, command, ...args], { timeoutMs });
}

function git(args: readonly string[], tolerant: boolean) {
  return run('git', ['-C', repositoryPath('.'), ...args], { tolerant, timeoutMs: 120_000 });
}
