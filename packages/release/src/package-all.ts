import { statSync } from 'node:fs';
import { basename, join } from 'node:path';
import { roles as allRoles, type Role } from '@navalis/config';
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
  /** All programs by default. */
  readonly roles?: readonly Role[] | undefined;
}

/** Builds one package, and returns its path. */
interface Step {
  readonly name: string;
  build(): string;
}

/** Returns the steps that build the packages of the chosen programs, with the runtime that they share. */
export function stepsOf(options: PackageOptions, date: Date): readonly Step[] {
  const { out, isQuick, architecture, roles: programs = allRoles } = options;
  const build = { out, isQuick, date };
  const chosen = architecture === undefined ? architectures : [architecture];
  return [
    ...programs.map((role) => ({ name: `deb ${role}`, build: () => buildRolePackage(role, build) })),
    ...chosen.map((each) => ({ name: `deb runtime ${each}`, build: () => buildRuntimePackage(each, build) })),
    ...chosen.flatMap((each) =>
      programs.map((role) => ({ name: `tar ${role} ${each}`, build: () => buildArchive(role, each, build) })),
    ),
    { name: 'npm', build: () => packForRegistry(out, programs) },
  ];
}

/** Builds the packages, their bill of materials and checksums; prints the size of each and the time that it took. */
export function packageAll(options: PackageOptions): void {
  const { out, architecture, roles: programs = allRoles } = options;
  const date = releaseDate();
  const chosen = architecture === undefined ? architectures : [architecture];
  for (const step of stepsOf(options, date)) {
    const startedAt = performance.now();
    const path = step.build();
    const seconds = ((performance.now() - startedAt) / 1000).toFixed(1);
    const megabytes = (octetsOf(path) / 1e6).toFixed(2);
    process.stdout.write(`${basename(path).padEnd(44)} ${megabytes.padStart(8)} MB ${seconds.padStart(6)} s\n`);
  }
  writeFile(join(out, 'navalis.cdx.json'), billOfMaterials(date, chosen, programs));
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
