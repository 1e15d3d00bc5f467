import { chmodSync, lstatSync, lutimesSync, mkdirSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { repositoryPath } from './repository.ts';

/** Writes a file, and the folders above it. */
export function writeFile(path: string, content: string | Uint8Array, mode = 0o644): void {
  mkdirSync(dirname(path), { recursive: true });
  writeFileSync(path, content, { mode });
  // Without the umask.
  chmodSync(path, mode);
}

/** Gives a folder and all in it the modes and the time that a package has, whatever the umask and the time of the build were. */
export function normalize(folder: string, date: Date): void {
  for (const path of [folder, ...pathsIn(folder)]) {
    const status = lstatSync(path);
    if (!status.isSymbolicLink()) chmodSync(path, status.isDirectory() || (status.mode & 0o100) !== 0 ? 0o755 : 0o644);
    lutimesSync(path, date, date);
  }
}

/** Returns all files, links and folders inside a folder, sorted. */
export function pathsIn(folder: string): string[] {
  return readdirSync(folder, { recursive: true, encoding: 'utf8' })
    .sort()
    .map((path) => join(folder, path));
}

/** Makes an empty folder in the cache, and returns its path. */
export function emptyFolder(name: string): string {
  const folder = repositoryPath(`node_modules/.cache/release/${name}`);
  rmSync(folder, { recursive: true, force: true });
  mkdirSync(folder, { recursive: true });
  return folder;
}
