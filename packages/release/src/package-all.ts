import { statSync } from 'node:fs';
import { basename, join } from 'node:path';
import { roles } from '@navalis/config';
import { buildArchive } from './archive/archive.ts';
import { type Architecture, architectures } from './bundle/architecture.ts';
import { buildRolePackage, buildRuntimePackage } from './debian/packages.ts';
import { writeFile } from './files.ts';
import { billOfMaterials } from './publish/bill-of-materials.ts';
import { writeChecksums } from './publish/checksums.ts';
import { packForRegistry } from './publish/npm.ts';
import { repositoryPath } from './repository.ts';
import { run } from './run.ts';

export interface PackageOptions {
  readonly out: string;
  /** For tests: larger packages in less time. */
  readonly isQuick: boolean;
  /** All by default. */
  readonly architecture?: Architecture | undefined;
}

/** Builds all packages, their bill of materials and checksums; prints the size of each and the time that it took. */
export function packageAll({ out, isQuick, architecture }: PackageOptions): void {
  const options = { out, isQuick, date: releaseDate() };
  const chosen = architecture === undefined ? architectures : [architecture];
  const steps: (() => string)[] = [
    ...roles.map((role) => () => buildRolePackage(role, options)),
    ...chosen.map((each) => () => buildRuntimePackage(each, options)),
    ...chosen.flatMap((each) => roles.map((role) => () => buildArchive(role, each, options))),
    () => packForRegistry(out),
  ];
  for (const step of steps) {
    const startedAt = performance.now();
    const path = step();
    const seconds = ((performance.now() - startedAt) / 1000).toFixed(1);
    const megabytes = (octetsOf(path) / 1e6).toFixed(2);
    process.stdout.write(`${basename(path).padEnd(44)} ${megabytes.padStart(8)} MB ${seconds.padStart(6)} s\n`);
  }
  writeFile(join(out, 'navalis.cdx.json'), billOfMaterials(options.date, chosen));
  writeChecksums(out);
  process.stdout.write('navalis.cdx.json (CycloneDX), SHA256SUMS\n');
}

/** The time of all files: that of the last commit, unless SOURCE_DATE_EPOCH says otherwise. */
function releaseDate(): Date {
  const { SOURCE_DATE_EPOCH } = process.env;
  const seconds = SOURCE_DATE_EPOCH ?? run('git', ['log', '-1', '--format=%ct'], { cwd: repositoryPath('.') });
  return new Date(Number(seconds) * 1000);
}

function octetsOf(path: string): number {
  if (!statSync(path).isDirectory()) return statSync(path).size;
  return Number(run('du', ['--bytes', '--summarize', path]).split('\t')[0]);
}
