import { chmodSync, cpSync, lstatSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { basename, extname, join, relative } from 'node:path';
import { pathsIn, writeFile } from '../files.ts';
import type { Module } from './modules.ts';

/** The files of a package from elsewhere that Node loads; sources, types and documentation stay behind. */
const loadable: readonly string[] = ['.js', '.cjs', '.mjs', '.json', '.node', '.wasm'];
/** Folders of others that programs do not load; native parts for musl do not run with glibc. */
const unused: readonly string[] = [
  'node_modules',
  'test',
  'tests',
  'benchmarks',
  'examples',
  'docs',
  'doc',
  'vendor',
  '.github',
];
/** Source maps and types of our own packages. */
const ownUnused = /\.(map|d\.ts)$/;

/** Copies what Node needs of a package into a folder of modules. */
export function copyModule({ place, folder, manifest, isOurs }: Module, modules: string): void {
  const target = join(modules, place);
  cpSync(isOurs ? join(folder, 'dist') : folder, isOurs ? join(target, 'dist') : target, {
    recursive: true,
    filter: (path) => isNeeded(path, relative(folder, path), isOurs),
  });
  for (const path of pathsIn(target)) plainFile(path);
  if (isOurs) writeFile(join(target, 'package.json'), `${JSON.stringify(publishedManifest(manifest), undefined, 2)}\n`);
}

/** Only Node's own binary starts programs: takes the mode and the first line of a script away. */
function plainFile(path: string): void {
  if (!lstatSync(path).isFile()) return;
  chmodSync(path, 0o644);
  if (!/\.[cm]?js$/.test(path)) return;
  const text = readFileSync(path, 'utf8');
  if (text.startsWith('#!')) writeFileSync(path, text.replace(/^.*/, ''));
}

function isNeeded(path: string, inside: string, isOurs: boolean): boolean {
  if (!statSync(path).isDirectory()) return isOurs ? !ownUnused.test(path) : loadable.includes(extname(path));
  if (inside !== '' && !isOurs && (unused.includes(basename(path)) || basename(path).startsWith('musl_'))) return false;
  return readdirSync(path).some((name) => isNeeded(join(path, name), join(inside, name), isOurs));
}

/** Leaves out what npm and the tests of this repository need. */
function publishedManifest({ name, version, description, license, type, exports }: Module['manifest']): object {
  const withoutSources = JSON.stringify(exports, (key, value: unknown) =>
    key === 'navalis-source' || key === 'types' ? undefined : value,
  );
  return {
    name,
    version,
    description,
    license,
    type,
    ...(exports === undefined ? {} : { exports: JSON.parse(withoutSources) as unknown }),
  };
}
