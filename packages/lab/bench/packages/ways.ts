import { readdirSync, statSync } from 'node:fs';
import { basename, join } from 'node:path';
import { LabError } from '../../src/lab-error.ts';
import type { Role } from '../../src/programs/navalis.ts';
import type { SystemdMachine } from '../../src/systemd/systemd-machine.ts';
import { putFiles } from './debian-roots.ts';

/** A way to install a program on a fresh machine. */
export interface Way {
  readonly name: string;
  /** The folder of its programs, if that is not in the usual path. */
  readonly folder?: string;
  /** Puts packages into the root of the machine before its boot; returns their octets. */
  prepare(root: string, role: Role): number;
  /** Installs the program on the booted machine, or upgrades it as the guide says. */
  install(machine: SystemdMachine, role: Role): Promise<void>;
  /** Removes the program alone. */
  remove(machine: SystemdMachine, role: Role): Promise<void>;
  /** Removes the program with its configuration and state. */
  purge(machine: SystemdMachine, role: Role): Promise<void>;
  /** A service that was enabled runs again when its program is installed again after a removal. */
  readonly comesBack: boolean;
  /** The unit is outside /etc, so that it can be masked. */
  readonly canBeMasked: boolean;
}

/** Returns a line of a shell script that lets it find the programs of a way. */
export function pathOf({ folder }: Way): string {
  return folder === undefined ? '' : `PATH=${folder}:$PATH;`;
}

const inbox = '/root/packages';
const long = { timeoutMs: 300_000 };

/** The Debian packages, by dpkg. */
export function debianWay(packages: string): Way {
  const architecture = process.arch === 'arm64' ? 'arm64' : 'amd64';
  const names = (role: Role) => [
    findPackage(packages, new RegExp(`^navalis-runtime_.*_${architecture}\\.deb$`)),
    findPackage(packages, new RegExp(`^teredo-${role}_.*\\.deb$`)),
  ];
  return {
    name: 'deb',
    prepare: (root, role) => put(root, packages, names(role)),
    install: async (machine, role) => {
      await machine.run('dpkg', ['--install', ...names(role).map((name) => `${inbox}/${name}`)], long);
    },
    remove: async (machine, role) => {
      await machine.run('dpkg', ['--remove', `teredo-${role}`, 'navalis-runtime'], long);
    },
    purge: async (machine, role) => {
      await machine.run('dpkg', ['--purge', `teredo-${role}`, 'navalis-runtime'], long);
    },
    comesBack: true,
    canBeMasked: true,
  };
}

/** The archives, by their scripts. */
export function archiveWay(packages: string): Way {
  const name = (role: Role) =>
    findPackage(packages, new RegExp(`^teredo-${role}-\\d.*-linux-${process.arch}\\.tar\\.gz$`));
  return {
    name: 'tar.gz',
    prepare: (root, role) => put(root, packages, [name(role)]),
    install: async (machine, role) => {
      const folder = basename(name(role), '.tar.gz');
      const script = `cd ${inbox} && tar -xzf ${name(role)} && ${folder}/install.sh`;
      await machine.run('sh', ['-ec', script], long);
    },
    remove: async (machine, role) => {
      await machine.run(`/opt/teredo-${role}/uninstall.sh`, [], long);
    },
    purge: async (machine, role) => {
      await machine.run(`/opt/teredo-${role}/uninstall.sh`, ['--purge'], long);
    },
    comesBack: false,
    canBeMasked: true,
  };
}

function put(root: string, packages: string, names: readonly string[]): number {
  const paths = names.map((name) => join(packages, name));
  putFiles(root, inbox, paths);
  return paths.reduce((sum, path) => sum + statSync(path).size, 0);
}

/** Returns the name of a file in a folder of packages. */
export function findPackage(folder: string, pattern: RegExp): string {
  const name = readdirSync(folder).find((each) => pattern.test(each));
  if (name === undefined) throw new LabError(`${folder} has no file ${pattern.source}: run npm run package.`);
  return name;
}
