// The results of each package, which vitest.config.ts has written to files. A folder is a URL that ends with a slash.
import { existsSync, readFileSync } from 'node:fs';

export const reportIn = (folder) => new URL('node_modules/.cache/test-report.json', folder);
export const failuresIn = (folder) => new URL('node_modules/.cache/test-failures.json', folder);

/** Returns the value in a file; undefined without one. */
export function readJson(file) {
  return existsSync(file) ? JSON.parse(readFileSync(file, 'utf8')) : undefined;
}
