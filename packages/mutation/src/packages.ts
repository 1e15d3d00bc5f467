import { existsSync, readdirSync, readFileSync } from 'node:fs';

/** The folder of packages; sources and the built file of this package lie equally deep. */
const packages = new URL('../../', import.meta.url);

/** The packages whose every mutant is noticed or justified: those with the tag `core` in their `turbo.json`. */
export const corePackages: readonly string[] = readdirSync(packages).filter((name) => {
  const file = new URL(`${name}/turbo.json`, packages);
  return existsSync(file) && /"tags": \["core"\]/.test(readFileSync(file, 'utf8'));
});
