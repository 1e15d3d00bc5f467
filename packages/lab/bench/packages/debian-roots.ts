import { cpSync, existsSync, mkdirSync, renameSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { run } from '../../src/command.ts';
import { repositoryPath } from '../../src/repository.ts';

/** The releases of Debian on which packages must install. */
export const debianReleases = ['bookworm', 'trixie'] as const;
export type DebianRelease = (typeof debianReleases)[number];

/** The packages of every installed Debian beyond the smallest one. */
const included = 'systemd-sysv,iproute2,iputils-ping,ca-certificates';

/** Copies a fresh Debian into a folder. */
export function copyDebianRoot(release: DebianRelease, root: string): void {
  mkdirSync(root, { recursive: true });
  run('cp', ['--archive', `${fetchDebianRoot(release)}/.`, root], { timeoutMs: 300_000 });
}

/** Returns the folder with the files of Debian for arm64, of which no program has run. */
export function foreignDebianRoot(release: DebianRelease): string {
  return fetchDebianRoot(release, 'arm64');
}

/** Returns the folder of a fresh Debian, which is fetched from Debian's mirror the first time. */
function fetchDebianRoot(release: DebianRelease, foreign?: 'arm64'): string {
  const cache = repositoryPath(`node_modules/.cache/debian/${[release, foreign].filter(Boolean).join('-')}`);
  if (existsSync(cache)) return cache;
  const parts = `${cache}.part`;
  rmSync(parts, { recursive: true, force: true });
  mkdirSync(parts, { recursive: true });
  const architecture = foreign === undefined ? [] : ['--foreign', `--arch=${foreign}`];
  const args = ['--variant=minbase', `--include=${included}`, ...architecture, release, parts];
  run('debootstrap', args, { timeoutMs: 1_800_000 });
  // The packages themselves are not needed again.
  rmSync(join(parts, 'var/cache/apt/archives'), { recursive: true });
  renameSync(parts, cache);
  return cache;
}

/** Runs a command inside a root that is not booted; the network is this machine's. */
export function runIn(root: string, script: string, environment: Readonly<Record<string, string>> = {}): string {
  const settings = Object.entries({ DEBIAN_FRONTEND: 'noninteractive', HOME: '/root', ...environment });
  const assignments = settings.map(([name, value]) => `${name}=${value}`);
  return run('chroot', [root, '/usr/bin/env', ...assignments, '/bin/sh', '-ec', script], { timeoutMs: 600_000 }).stdout;
}

/** Copies files into a folder of a root. */
export function putFiles(root: string, folder: string, paths: readonly string[]): void {
  mkdirSync(join(root, folder), { recursive: true });
  for (const path of paths) cpSync(path, join(root, folder, path.replace(/^.*\//, '')));
}
