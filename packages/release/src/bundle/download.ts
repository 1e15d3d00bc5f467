import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, readFileSync, renameSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { repositoryPath } from '../repository.ts';
import { run } from '../run.ts';

export interface RegistryPackage {
  readonly name: string;
  readonly version: string;
  /** As a lock file has it: `sha512-` and the hash in Base64. */
  readonly integrity: string;
}

/**
 * Fetches a package from the registry once, checks its hash, and returns the folder with its files.
 * @throws Error when the hash is another one.
 */
export function download({ name, version, integrity }: RegistryPackage): string {
  const cache = repositoryPath('node_modules/.cache/release');
  const folder = join(cache, `${name.replace('/', '+')}-${version}`);
  if (existsSync(folder)) return join(folder, 'package');
  const parts = `${folder}.part`;
  rmSync(parts, { recursive: true, force: true });
  mkdirSync(parts, { recursive: true });
  const file = join(
    parts,
    run('npm', ['pack', '--silent', '--ignore-scripts', `${name}@${version}`], { cwd: parts }).trim(),
  );
  const actual = `sha512-${createHash('sha512').update(readFileSync(file)).digest('base64')}`;
  if (actual !== integrity) throw new Error(`${name}@${version} has the hash ${actual} instead of ${integrity}.`);
  run('tar', ['-xzf', file, '-C', parts]);
  rmSync(file);
  renameSync(parts, folder);
  return join(folder, 'package');
}
