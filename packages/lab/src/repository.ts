import { fileURLToPath } from 'node:url';

/** Absolute path of a file of the repository; sources and built files of this package have the same depth. */
export function repositoryPath(path: string): string {
  return fileURLToPath(new URL(`../../../${path}`, import.meta.url));
}
