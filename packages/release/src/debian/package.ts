import { createHash } from 'node:crypto';
import { lstatSync, mkdirSync, readFileSync, rmSync } from 'node:fs';
import { join, relative } from 'node:path';
import { gzipSync } from 'node:zlib';
import { normalize, pathsIn, writeFile } from '../files.ts';
import { run } from '../run.ts';

/** The description of a Debian package. */
export interface DebianFields {
  readonly name: string;
  readonly architecture: string;
  readonly version: string;
  readonly depends: string;
  readonly recommends?: string;
  readonly summary: string;
  /** Lines of at most 79 characters. */
  readonly description: readonly string[];
  readonly conffiles?: readonly string[];
  /** Exceptions for lintian: the tag with its context, and the reason. */
  readonly overrides?: Readonly<Record<string, string>>;
}

export interface BuildOptions {
  /** Where packages are put. */
  readonly out: string;
  /** The time of all files. */
  readonly date: Date;
  /** For tests: a fast compression that makes larger packages. */
  readonly isQuick: boolean;
}

const maintainer = 'The Navalis authors <navalis@users.noreply.github.com>';

/**
 * Builds a Debian package from the files below `root`, which gets the files that every package has; returns its path. The same
 * input gives the same octets.
 */
export function buildDebianPackage(
  fields: DebianFields,
  root: string,
  scripts: Readonly<Record<string, string>>,
  options: BuildOptions,
): string {
  const { name, version, architecture, conffiles = [] } = fields;
  const documents = join(root, 'usr/share/doc', name);
  writeFile(join(documents, 'changelog.gz'), gzipSync(changelog(fields, options.date), { level: 9 }));
  if (fields.overrides !== undefined) {
    const lines = Object.entries(fields.overrides).map(([tag, reason]) => `# ${reason}\n${name}: ${tag}\n`);
    writeFile(join(root, 'usr/share/lintian/overrides', name), lines.join(''));
  }
  rmSync(join(root, 'DEBIAN'), { recursive: true, force: true });
  const files = pathsIn(root).filter((path) => lstatSync(path).isFile());
  const octets = files.reduce((sum, path) => sum + lstatSync(path).size, 0);
  const sums = files.map((path) => {
    return `${createHash('md5').update(readFileSync(path)).digest('hex')}  ${relative(root, path)}\n`;
  });
  writeFile(join(root, 'DEBIAN/control'), controlText(fields, Math.ceil(octets / 1024)));
  writeFile(join(root, 'DEBIAN/md5sums'), sums.join(''));
  if (conffiles.length > 0) writeFile(join(root, 'DEBIAN/conffiles'), conffiles.map((path) => `${path}\n`).join(''));
  for (const [script, text] of Object.entries(scripts)) writeFile(join(root, 'DEBIAN', script), text, 0o755);
  normalize(root, options.date);
  mkdirSync(options.out, { recursive: true });
  const path = join(options.out, `${name}_${version}_${architecture}.deb`);
  const compression = options.isQuick ? ['-Zgzip', '-z1'] : ['-Zxz'];
  run('dpkg-deb', ['--root-owner-group', ...compression, '--build', root, path], {
    env: { ...process.env, SOURCE_DATE_EPOCH: String(Math.floor(options.date.getTime() / 1000)) },
  });
  return path;
}

function controlText(fields: DebianFields, kibibytes: number): string {
  const lines = [
    ['Package', fields.name],
    ['Source', 'navalis'],
    ['Version', fields.version],
    ['Architecture', fields.architecture],
    ['Maintainer', maintainer],
    ['Installed-Size', String(kibibytes)],
    ['Depends', fields.depends],
    ...(fields.recommends === undefined ? [] : [['Recommends', fields.recommends]]),
    ['Section', 'net'],
    ['Priority', 'optional'],
    ['Homepage', 'https://github.com/navalis/navalis'],
    ['Description', fields.summary],
  ];
  const description = fields.description.map((line) => ` ${line === '' ? '.' : line}\n`);
  return `${lines.map(([key, value]) => `${key}: ${value}\n`).join('')}${description.join('')}`;
}

function changelog({ version }: DebianFields, date: Date): string {
  const stamp = date.toUTCString().replace('GMT', '+0000');
  return `navalis (${version}) unstable; urgency=medium

  * Release ${version}: see https://github.com/navalis/navalis/releases.

 -- ${maintainer}  ${stamp}
`;
}
