import { createHash } from 'node:crypto';
import { mkdirSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { type Role, roles } from '@navalis/config';
import { modulesOf } from '../bundle/modules.ts';
import { repositoryPath } from '../repository.ts';
import { run } from '../run.ts';
import { type Npm, npmFor, type RegistryAccess } from './registry.ts';

/** Packs every published package that these programs need as a tarball for a registry, of all programs every one; returns the folder. */
export function packForRegistry(out: string, programs: readonly Role[] = roles): string {
  const folder = join(out, 'npm');
  mkdirSync(folder, { recursive: true });
  const filters = namesToPack(programs).map((name) => `--filter=${name}`);
  run(repositoryPath('node_modules/.bin/pnpm'), [...filters, 'pack', '--pack-destination', folder], {
    cwd: repositoryPath('.'),
  });
  return folder;
}

export interface PublishOptions extends RegistryAccess {
  readonly isDryRun: boolean;
}

/** The names of tarballs. */
export interface Publication {
  readonly published: readonly string[];
  /** The registry had them before, as after a publication that broke off. */
  readonly present: readonly string[];
}

/**
 * Publishes the tarballs of a folder to a registry, each after those that it depends on. Leaves out what the registry has.
 * @throws Error when the registry refuses one, or has the same version with other content.
 */
export function publishTo(registry: string, folder: string, { token, isDryRun }: PublishOptions): Publication {
  const npm = npmFor(registry, { token });
  const published: string[] = [];
  const present: string[] = [];
  for (const tarball of inOrder(readdirSync(folder).map((name) => readTarball(folder, name)))) {
    if (isPresent(tarball, npm)) {
      present.push(tarball.file);
      continue;
    }
    const tag = tarball.version.includes('-') ? ['--tag=next'] : [];
    npm('publish', join(folder, tarball.file), '--loglevel=error', ...tag, ...(isDryRun ? ['--dry-run'] : []));
    published.push(tarball.file);
  }
  return { published, present };
}

interface Tarball {
  readonly file: string;
  readonly name: string;
  readonly version: string;
  readonly dependencies: readonly string[];
  /** As a registry has it: `sha512-` and the hash in Base64. */
  readonly integrity: string;
}

function readTarball(folder: string, file: string): Tarball {
  const path = join(folder, file);
  const manifest = JSON.parse(run('tar', ['-xzOf', path, 'package/package.json'])) as {
    name: string;
    version: string;
    dependencies?: Readonly<Record<string, string>>;
  };
  return {
    file,
    name: manifest.name,
    version: manifest.version,
    dependencies: Object.keys(manifest.dependencies ?? {}),
    integrity: `sha512-${createHash('sha512').update(readFileSync(path)).digest('base64')}`,
  };
}

/** Returns the tarballs, each after those that it depends on. */
function inOrder(tarballs: readonly Tarball[]): Tarball[] {
  const ordered = new Set<Tarball>();
  const add = (tarball: Tarball): void => {
    for (const each of tarballs) if (tarball.dependencies.includes(each.name)) add(each);
    ordered.add(tarball);
  };
  for (const tarball of tarballs) add(tarball);
  return [...ordered];
}

/** Returns true if the registry has this tarball. */
function isPresent({ name, version, integrity }: Tarball, npm: Npm): boolean {
  let known: string;
  try {
    known = npm('view', `${name}@${version}`, 'dist.integrity').trim();
  } catch (error) {
    if ((error as Error).message.includes('E404')) return false;
    throw error;
  }
  if (known !== '' && known !== integrity) {
    throw new Error(`The registry has ${name}@${version} with other content: ${known} instead of ${integrity}.`);
  }
  return known !== '';
}

/** Returns the names of the packages for a registry that these programs need; for all programs those of the whole repository. */
export function namesToPack(programs: readonly Role[]): string[] {
  const published = publishedNames();
  if (roles.every((role) => programs.includes(role))) return published;
  const needed = new Set(programs.flatMap((role) => modulesOf(role, 'x64').map(({ manifest }) => manifest.name)));
  return published.filter((name) => needed.has(name));
}

/** Returns the names of all packages of the repository that are not private. */
function publishedNames(): string[] {
  return ['packages', 'apps']
    .flatMap((group) => readdirSync(repositoryPath(group)).map((name) => `${group}/${name}/package.json`))
    .map((path) => JSON.parse(readFileSync(repositoryPath(path), 'utf8')) as { name: string; private?: boolean })
    .filter((manifest) => manifest.private !== true)
    .map(({ name }) => name);
}
