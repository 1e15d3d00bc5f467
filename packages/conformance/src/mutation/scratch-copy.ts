import { cpSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { fileURLToPath } from 'node:url';

/** The top of the repository, relative to the built file. */
const root = fileURLToPath(new URL('../../../', import.meta.url));
const left = new Set(['.git', '.turbo', 'dist', 'coverage']);

/** A copy of the sources in which tests can run; it shares the installed packages with the repository. */
export class ScratchCopy {
  readonly folder: string;

  private constructor(folder: string) {
    this.folder = folder;
  }

  static ofRepository(): ScratchCopy {
    const folder = mkdtempSync(join(tmpdir(), 'navalis-mutation-'));
    cpSync(root, folder, {
      recursive: true,
      // The links between the packages are relative, so they lead to the copies.
      verbatimSymlinks: true,
      filter: (path) => !left.has(basename(path)) && path !== join(root, 'node_modules'),
    });
    symlinkSync(join(root, 'node_modules'), join(folder, 'node_modules'));
    return new ScratchCopy(folder);
  }

  read(file: string): string {
    return readFileSync(join(this.folder, file), 'utf8');
  }

  write(file: string, content: string): void {
    writeFileSync(join(this.folder, file), content);
  }

  remove(): void {
    rmSync(this.folder, { recursive: true, force: true });
  }
}
