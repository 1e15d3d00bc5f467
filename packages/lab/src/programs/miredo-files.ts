import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { repositoryPath } from '../repository.ts';

/** Where `.ci/setup --tools` unpacks Debian's miredo packages, which are not installed on the machine. */
const root = repositoryPath('node_modules/.cache/miredo/root');

/** miredo gives up root for this user, which every Debian system has. */
export const miredoUser = 'nobody';
const miredoUserNumber = 65534;

/** Returns the reason why miredo cannot run, or undefined if it can. */
export function miredoObstacle(): string | undefined {
  if (!existsSync(join(root, 'usr/sbin/miredo')) || !existsSync(join(root, 'usr/sbin/miredo-server'))) {
    return 'miredo is not unpacked: run `sh .ci/setup --tools` on a Debian system that reaches its package mirror.';
  }
  if (!isMapped(miredoUserNumber)) return `miredo changes to the user ${miredoUser}, which needs real root.`;
  return undefined;
}

/**
 * A shell script, to be run by `sh -c` in a mount namespace of its own, that makes the unpacked files appear where
 * miredo looks for its helpers, and becomes the program in `"$@"`.
 */
export function miredoScript(): string {
  return [
    'set -e',
    ...['usr/libexec', 'etc'].map(
      (path) => `mount -t overlay -o 'ro,lowerdir=${join(root, path)}:/${path}' overlay /${path}`,
    ),
    'mount -t tmpfs tmpfs /run',
    'exec "$@"',
  ].join('\n');
}

export function miredoProgram(name: string): string {
  return join(root, 'usr/sbin', name);
}

/** Folder of the shared library that Debian's miredo needs and that is unpacked beside it. */
export function miredoLibraries(): string {
  const libraries = join(root, 'usr/lib');
  const folder = readdirSync(libraries).find((name) => name.endsWith('-linux-gnu')) ?? '';
  return join(libraries, folder);
}

function isMapped(user: number): boolean {
  return readFileSync('/proc/self/uid_map', 'utf8')
    .trim()
    .split('\n')
    .some((line) => {
      const [first = 0, , count = 0] = line.trim().split(/\s+/).map(Number);
      return user >= first && user < first + count;
    });
}
