import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import type { Role } from '@navalis/config';

/** Returns the absolute path of a file of the repository; sources and built files of this package have the same depth. */
export function repositoryPath(path: string): string {
  return fileURLToPath(new URL(`../../../${path}`, import.meta.url));
}

/** The parts of a program's package.json that appear in its texts. */
export interface AppManifest {
  readonly name: string;
  readonly version: string;
  readonly description: string;
  readonly dependencies: Readonly<Record<string, string>>;
}

export function appManifest(role: Role): AppManifest {
  return JSON.parse(readFileSync(repositoryPath(`apps/${role}/package.json`), 'utf8')) as AppManifest;
}
