import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { repositoryPath } from '../repository.ts';
import type { Module } from './modules.ts';
import type { fetchNode } from './node.ts';

export interface Contents {
  readonly modules: readonly Module[];
  readonly node: ReturnType<typeof fetchNode> | undefined;
  /** Every Debian has the text of this one. */
  readonly isForDebian: boolean;
}

/** Returns the text of the licenses of all that a package contains. */
export function copyrightText({ modules, node, isForDebian }: Contents): string {
  const others = modules.filter(({ isOurs }) => !isOurs);
  return [
    `Navalis, https://github.com/navalis/navalis\n\n${readFileSync(repositoryPath('LICENSE'), 'utf8')}`,
    ...others.map(({ folder, manifest }) => {
      return `${manifest.name} ${manifest.version}, from the npm registry\n\n${licenseOf(folder, manifest.license, isForDebian)}`;
    }),
    ...(node === undefined ? [] : [`Node.js, https://nodejs.org\n\n${readFileSync(node.license, 'utf8')}`]),
  ].join(`\n${'-'.repeat(72)}\n\n`);
}

/** A package without a file names its license in its manifest. */
function licenseOf(folder: string, name: string | undefined, isForDebian: boolean): string {
  if (isForDebian && name === 'Apache-2.0') return 'License: Apache-2.0, see /usr/share/common-licenses/Apache-2.0\n';
  const file = existsSync(folder) ? readdirSync(folder).find((each) => /^licen[cs]e/i.test(each)) : undefined;
  return file === undefined ? `License: ${name ?? 'not stated'}\n` : readFileSync(join(folder, file), 'utf8');
}
