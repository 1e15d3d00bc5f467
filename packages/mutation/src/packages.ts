import { existsSync, readdirSync, readFileSync } from 'node:fs';

/** The folder of packages; sources and the built file of this package lie equally deep. */
const packages = new URL('../../', import.meta.url);

/** The packages whose every mutant is noticed or justified: those with the tag `core` in their `turbo.json`. */
export const corePackages: readonly string[] = readdirSync(packages).filter((name) => {
  const file = new URL(`${name}/turbo.json`, packages);
  return existsSync(file) && /"tags": \["core"\]/.test(readFileSync(file, 'utf8'));
});

/** Packages that do nothing alone: the tests of their roles count for them, too. */
const roles: Readonly<Record<string, readonly string[]>> = { traversal: ['client-core', 'relay-core'] };

/** Returns the folders whose tests count for a package, from the top of the repository. */
export function testFoldersOf(name: string): readonly string[] {
  return [name, ...(roles[name] ?? [])].map((each) => `packages/${each}`);
}
