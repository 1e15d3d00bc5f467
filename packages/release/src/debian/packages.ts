import { cpSync, mkdirSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { defaultConfigurationPath, type Role } from '@navalis/config';
import type { Architecture } from '../bundle/architecture.ts';
import { copyModule } from '../bundle/copy-module.ts';
import { copyrightText } from '../bundle/copyright.ts';
import { modulesOf, sharedModules } from '../bundle/modules.ts';
import { fetchNode } from '../bundle/node.ts';
import { emptyFolder, writeFile } from '../files.ts';
import { appManifest } from '../repository.ts';
import { sharedFiles } from '../texts/files.ts';
import { sampleConfiguration } from '../texts/sample-configuration.ts';
import { unitsFor } from '../texts/unit.ts';
import { wrap } from '../texts/wrap.ts';
import { maintainerScripts } from './maintainer-scripts.ts';
import { type BuildOptions, buildDebianPackage } from './package.ts';

const debianNames: Readonly<Record<Architecture, string>> = { x64: 'amd64', arm64: 'arm64' };
const library = 'usr/lib/navalis';
const nodePath = 'usr/libexec/navalis/node';
const aboutTeredo = [
  'Teredo (RFC 4380) gives hosts behind IPv4 NATs a global IPv6 address, and',
  'carries their IPv6 packets over UDP.',
  '',
];

const asPublished = 'Node is as its project builds and publishes it, so that its hash can be compared';
const asWritten = "Node's license quotes those of its parts word by word";
const nodeOverrides = {
  [`embedded-library zlib [${nodePath}]`]: asPublished,
  [`unstripped-binary-or-object [${nodePath}]`]: asPublished,
  [`hardening-no-pie [${nodePath}]`]: asPublished,
  'copyright-file-contains-full-apache-2-license': asWritten,
  'old-fsf-address-in-copyright-file': asWritten,
};

/** Builds `navalis-runtime`: Node and the modules that the programs share. */
export function buildRuntimePackage(architecture: Architecture, options: BuildOptions): string {
  const root = emptyFolder(`roots/runtime-${architecture}`);
  const modules = sharedModules(architecture);
  for (const module of modules) copyModule(module, join(root, library, 'node_modules'));
  const node = fetchNode(architecture);
  mkdirSync(dirname(join(root, nodePath)), { recursive: true });
  cpSync(node.binary, join(root, nodePath));
  writeFile(join(root, 'usr/share/doc/navalis-runtime/copyright'), copyrightText({ modules, node, isForDebian: true }));
  const fields = {
    name: 'navalis-runtime',
    architecture: debianNames[architecture],
    version: debianVersion(appManifest('client').version),
    // The versions of the symbols that Node and koffi need.
    depends: 'iproute2, libc6 (>= 2.28), libgcc-s1 (>= 3.4), libstdc++6 (>= 8)',
    summary: 'programs of a Teredo suite - shared files',
    description: [
      ...aboutTeredo,
      'This package has the parts that the four programs of Navalis share, with a',
      'Node.js of their own.',
    ],
    overrides: nodeOverrides,
  };
  return buildDebianPackage(fields, root, {}, options);
}

/** Builds the package of a program, which is the same on all machines. */
export function buildRolePackage(role: Role, options: BuildOptions): string {
  const { name, version: npmVersion, description } = appManifest(role);
  const version = debianVersion(npmVersion);
  const root = emptyFolder(`roots/${name}`);
  const program = modulesOf(role, 'x64').find(({ manifest }) => manifest.name === name)!;
  copyModule(program, join(root, library, 'node_modules'));
  const entry = `exec /${nodePath} /${library}/node_modules/${name}/dist/main.js "$@"`;
  writeFile(join(root, 'usr/bin', name), `#!/bin/sh\n${entry}\n`, 0o755);
  for (const [path, text] of Object.entries(sharedFiles(role, options.date))) {
    const isPage = path.startsWith('man/');
    writeFile(join(root, 'usr/share', isPage ? `${path}.gz` : path), isPage ? gzipSync(text, { level: 9 }) : text);
  }
  const configuration = defaultConfigurationPath(role);
  writeFile(join(root, configuration), sampleConfiguration(role));
  for (const [unit, text] of Object.entries(unitsFor(role, `/usr/bin/${name}`))) {
    writeFile(join(root, 'usr/lib/systemd/system', unit), text);
  }
  writeFile(
    join(root, 'usr/share/doc', name, 'copyright'),
    copyrightText({ modules: [], node: undefined, isForDebian: true }),
  );
  const fields = {
    name,
    version,
    architecture: 'all',
    depends: `navalis-runtime (= ${version})`,
    summary: summaryOf(description),
    description: [...aboutTeredo, ...wrap(`This is the ${description.replace(/^Teredo /, '')}.`, 75)],
    conffiles: [configuration],
  };
  return buildDebianPackage(fields, root, maintainerScripts(role), options);
}

/** Turns "1.0.0-rc.1" into "1.0.0~rc.1", which dpkg sorts before "1.0.0". */
export function debianVersion(version: string): string {
  return version.replace('-', '~');
}

/** Turns "Teredo client: a global IPv6 address" into "global IPv6 address - Teredo client". */
function summaryOf(description: string): string {
  const [what = '', purpose = ''] = description.split(': ');
  return `${purpose.replace(/^an? /, '')} - ${what}`;
}
