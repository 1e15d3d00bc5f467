import { existsSync, readFileSync, realpathSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { type Role, roles } from '@navalis/config';
import { repositoryPath } from '../repository.ts';
import type { Architecture } from './architecture.ts';
import { download } from './download.ts';

/** The parts of a package.json that matter at run time. */
interface ModuleManifest {
  readonly name: string;
  readonly version: string;
  readonly description?: string;
  readonly license?: string;
  readonly type?: string;
  readonly main?: string;
  readonly module?: string;
  readonly imports?: unknown;
  readonly exports?: unknown;
  readonly dependencies?: Readonly<Record<string, string>>;
  readonly optionalDependencies?: Readonly<Record<string, string>>;
}

/** A package that the programs load, as the lock file chose it. */
export interface Module {
  /** Its place in the folder of modules; a second version is below the one package that needs it. */
  readonly place: string;
  readonly folder: string;
  readonly manifest: ModuleManifest;
  /** Built from this repository. */
  readonly isOurs: boolean;
}

type Modules = Map<string, Module>;

/** Returns the packages that a program needs at run time, itself included, sorted by place. */
export function modulesOf(role: Role, architecture: Architecture): Module[] {
  return collectFrom([role], architecture);
}

/** Returns the packages that the programs share: all but the programs. */
export function sharedModules(architecture: Architecture): Module[] {
  return collectFrom(roles, architecture).filter(({ manifest }) => !manifest.name.startsWith('teredo-'));
}

function collectFrom(from: readonly Role[], architecture: Architecture): Module[] {
  const found: Modules = new Map();
  for (const role of from) collect({ folder: repositoryPath(`apps/${role}`), needer: '' }, architecture, found);
  return [...found.values()].sort((one, other) => (one.place < other.place ? -1 : 1));
}

function collect(wanted: { folder: string; needer: string }, architecture: Architecture, found: Modules): void {
  const { folder, needer } = wanted;
  const manifest = JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8')) as ModuleManifest;
  const visible = visibleFrom(needer, manifest.name, found);
  if (visible?.manifest.version === manifest.version) return;
  const place = visible === undefined ? manifest.name : `${needer}/node_modules/${manifest.name}`;
  found.set(place, { place, folder, manifest, isOurs: !folder.includes('/node_modules/') });
  for (const name of Object.keys(manifest.dependencies ?? {})) {
    const dependency = findFolder(name, folder);
    if (dependency === undefined) throw new Error(`The package ${name} is not installed.`);
    collect({ folder: dependency, needer: place }, architecture, found);
  }
  for (const [name, version] of Object.entries(manifest.optionalDependencies ?? {})) {
    // The only optional dependencies are native parts, one package for each platform.
    if (!name.endsWith(`-linux-${architecture}`)) continue;
    const part = findFolder(name, folder) ?? download({ name, version, integrity: lockedIntegrity(name, version) });
    collect({ folder: part, needer: place }, architecture, found);
  }
}

/** Returns the version of a package that the one at a place would load. */
function visibleFrom(place: string, name: string, found: Modules): Module | undefined {
  const parents = place.split('/node_modules/');
  const places = parents.map((_, depth) => [...parents.slice(0, parents.length - depth), name].join('/node_modules/'));
  return [...places, name].map((each) => found.get(each)).find((each) => each !== undefined);
}

/** Finds a dependency as Node does. */
function findFolder(name: string, from: string): string | undefined {
  const candidate = join(from, 'node_modules', name);
  if (existsSync(join(candidate, 'package.json'))) return realpathSync(candidate);
  return from === '/' ? undefined : findFolder(name, dirname(from));
}

function lockedIntegrity(name: string, version: string): string {
  const lock = readFileSync(repositoryPath('pnpm-lock.yaml'), 'utf8');
  const entry = lock.split(`\n  '${name}@${version}':\n`)[1];
  const integrity = /^ {4}resolution: \{integrity: (sha512-[^}]+)\}/.exec(entry ?? '')?.[1];
  if (integrity === undefined) throw new Error(`pnpm-lock.yaml does not have ${name}@${version}.`);
  return integrity;
}
