import { existsSync, readdirSync, readFileSync } from 'node:fs';

/** The top of the repository. */
export const root: URL = new URL('../../../', import.meta.url);

/** A package of the workspace. */
export interface WorkspacePackage {
  /** From the top of the repository, such as `packages/wire`. */
  readonly folder: string;
  /** Without the scope. */
  readonly name: string;
  readonly tag: string;
  /** Its run-time dependencies in the workspace, without the scope. */
  readonly uses: readonly string[];
}

interface Manifest {
  readonly name: string;
  readonly dependencies?: Readonly<Record<string, string>>;
}

/** Returns all packages under `packages`, and the examples, with their tags and dependencies. */
export function workspacePackages(): readonly WorkspacePackage[] {
  const folders = [...readdirSync(new URL('packages', root)).map((entry) => `packages/${entry}`), 'examples'];
  // A renamed package leaves a folder without a manifest behind.
  const present = folders.filter((folder) => existsSync(new URL(`${folder}/package.json`, root)));
  return present.map((folder) => {
    // A file with comments, which JSON.parse refuses.
    const [, tag = ''] = /"tags": \["([a-z]+)"\]/.exec(readText(`${folder}/turbo.json`)) ?? [];
    const { name, dependencies = {} } = readJson<Manifest>(`${folder}/package.json`);
    const uses = Object.keys(dependencies).filter((each) => each.startsWith('@navalis/'));
    return { folder, name: withoutScope(name), tag, uses: uses.map(withoutScope) };
  });
}

/** Returns the paths of all TypeScript files under a folder, from the top of the repository. */
export function sourcesUnder(folder: string): readonly string[] {
  return readdirSync(new URL(folder, root), { recursive: true, encoding: 'utf8' })
    .filter((name) => name.endsWith('.ts') && !name.endsWith('.d.ts'))
    .map((name) => `${folder}/${name}`);
}

export function readText(path: string): string {
  return readFileSync(new URL(path, root), 'utf8');
}

function readJson<Value>(path: string): Value {
  return JSON.parse(readText(path)) as Value;
}

function withoutScope(name: string): string {
  return name.replace('@navalis/', '');
}
