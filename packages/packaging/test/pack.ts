import { execFileSync } from 'node:child_process';
import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { publishedPackages, repositoryRoot } from '../src/published-packages.ts';

const root = fileURLToPath(repositoryRoot);

/** The tarballs of the published packages, as a registry would get them, in a folder of their own. */
export class PackedPackages {
  readonly #folder = mkdtempSync(join(tmpdir(), 'navalis-packed-'));

  constructor() {
    const filters = publishedPackages().map(({ manifest }) => `--filter=${manifest.name}`);
    execFileSync(join(root, 'node_modules/.bin/pnpm'), [...filters, 'pack', '--pack-destination', this.#folder], {
      cwd: root,
      stdio: 'pipe',
    });
  }

  get count(): number {
    return readdirSync(this.#folder).length;
  }

  /** Returns the path of a package's tarball. */
  path(name: string): string {
    const start = `${name.replace('@', '').replace('/', '-')}-`;
    const file = readdirSync(this.#folder).find(
      (each) => each.startsWith(start) && /^\d/.test(each.slice(start.length)),
    );
    if (file === undefined) throw new Error(`There is no tarball of ${name}.`);
    return join(this.#folder, file);
  }

  /** Returns the octets of a package's tarball. */
  read(name: string): Uint8Array<ArrayBuffer> {
    return Uint8Array.from(readFileSync(this.path(name)));
  }

  remove(): void {
    rmSync(this.#folder, { recursive: true });
  }
}
