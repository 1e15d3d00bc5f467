import { createHash } from 'node:crypto';
import { lstatSync, readFileSync } from 'node:fs';
import { join, relative } from 'node:path';
import { pathsIn, writeFile } from '../files.ts';

/** Writes SHA256SUMS for all files of a folder, for `sha256sum --check`. */
export function writeChecksums(folder: string): void {
  const files = pathsIn(folder).filter((path) => lstatSync(path).isFile() && !path.endsWith('/SHA256SUMS'));
  const lines = files.map((path) => {
    return `${createHash('sha256').update(readFileSync(path)).digest('hex')}  ${relative(folder, path)}\n`;
  });
  writeFile(join(folder, 'SHA256SUMS'), lines.join(''));
}
