import { existsSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { LabError } from './lab-error.ts';
import { repositoryPath } from './repository.ts';

/** A Debian package that `.ci/setup --tools` unpacks: nothing of it is installed on the machine. */
export class UnpackedPackage {
  readonly #name: string;
  readonly #root: string;

  constructor(name: string) {
    this.#name = name;
    this.#root = repositoryPath(`node_modules/.cache/${name}/root`);
  }

  /** Returns the path of a program of the package, such as `usr/sbin/named`. @throws LabError if the package is not unpacked. */
  program(path: string): string {
    const program = join(this.#root, path);
    if (existsSync(program)) return program;
    throw new LabError(
      `${this.#name} is not unpacked: run \`sh .ci/setup --tools\` on a Debian system that reaches its package mirror.`,
    );
  }

  /** The variables by which its programs find their libraries. */
  get environment(): { readonly LD_LIBRARY_PATH: string } {
    const folder = join(this.#root, 'usr/lib');
    return { LD_LIBRARY_PATH: join(folder, readdirSync(folder).find((name) => name.endsWith('-linux-gnu')) ?? '') };
  }
}
