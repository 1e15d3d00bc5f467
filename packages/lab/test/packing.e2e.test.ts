import {
  accessSync,
  constants,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type CommandResult, runBeside } from '../src/command.ts';
import { repositoryPath } from '../src/repository.ts';

interface Manifest {
  readonly name: string;
  readonly version: string;
  readonly license?: string;
  readonly private?: boolean;
  readonly bin?: Readonly<Record<string, string>>;
  readonly exports?: Readonly<Record<string, Readonly<Record<string, string>>>>;
  readonly dependencies?: Readonly<Record<string, string>>;
}

interface WorkspacePackage {
  readonly folder: string;
  readonly manifest: Manifest;
}

const programs: readonly (readonly [program: string, configuration: string])[] = [
  ['teredo-client', 'server = "192.0.2.1"\n'],
  ['teredo-server', 'primary-address = "192.0.2.1"\n'],
  ['teredo-relay', 'bind-port = 3545\n'],
  ['teredo-host-relay', 'bind-port = 0\n'],
];

describe('packed and installed outside the repository', () => {
  const workspace = readWorkspace();
  const folder = mkdtempSync(join(tmpdir(), 'navalis-packing-'));
  const tarballs = new Map<string, string>();

  beforeAll(async () => {
    const needed = new Set(programs.flatMap(([program]) => withDependencies(program)));
    for (const name of needed) tarballs.set(name, await pack(name));
  });

  afterAll(() => rmSync(folder, { recursive: true, force: true }));

  it.each(programs)('%s runs --version and check', async (program, configuration) => {
    const place = await install(program);
    const file = join(place, 'configuration.toml');
    writeFileSync(file, `${configuration}extra-global-ipv4 = ["192.0.2.0/24"]\n`);
    const binary = join(place, 'node_modules/.bin', program);

    const version = await runIn(place, binary, ['--version']);
    expect(version.stdout.trim()).toBe(manifestOf(program).version);
    const check = await runIn(place, binary, ['check', '--config', file]);
    expect(check.stdout.trim()).toBe('The configuration is valid.');
  });

  it.each(programs)('%s and its dependencies contain all files that their manifests list, and no tests', (program) => {
    expect(withDependencies(program)).toEqual(expect.arrayContaining([program, '@navalis/runtime', '@navalis/netio']));
    for (const name of withDependencies(program)) {
      const top = join(folder, program, 'node_modules', name);
      const manifest: Manifest = JSON.parse(readFileSync(join(top, 'package.json'), 'utf8'));
      const promised = Object.values(manifest.exports ?? {}).flatMap((targets) => Object.values(targets));
      const missing = promised.filter((file) => !existsSync(join(top, file)));
      expect({ name, missing }).toEqual({ name, missing: [] });
      for (const file of Object.values(manifest.bin ?? {})) {
        accessSync(join(top, file), constants.X_OK);
        expect(readFileSync(join(top, file), 'utf8')).toMatch(/^#!\/usr\/bin\/env node\n/);
      }
      if (manifest.bin !== undefined) expect(readdirSync(join(top, 'systemd')).sort()).toEqual(unitsOf(name));
      expect(manifest.license).toBe('MIT');
      expect(readdirSync(top)).toEqual(expect.arrayContaining(['LICENSE', 'README.md', 'dist']));
      expect(readdirSync(top)).not.toContain('test');
      expect(JSON.stringify(manifest.dependencies ?? {})).not.toMatch(/workspace:|catalog:/);
    }
  });

  it('the libraries bring declarations that a strict compiler accepts', async () => {
    const place = join(folder, 'teredo-client');
    const libraries = withDependencies('teredo-client').filter((name) => name.startsWith('@navalis/'));
    const imports = libraries.flatMap((name) =>
      Object.keys(manifestOf(name).exports ?? {}).map((path) => join(name, path)),
    );
    const lines = imports.map((path, index) => `import * as i${index} from '${path}';\nexport { i${index} };\n`);
    writeFileSync(join(place, 'all.mts'), lines.join(''));
    const flags = ['--noEmit', '--strict', '--module', 'nodenext', '--target', 'es2023', '--types', 'node'];
    const types = ['--typeRoots', repositoryPath('node_modules/@types')];
    await runIn(place, repositoryPath('node_modules/.bin/tsc'), [...flags, ...types, '--ignoreConfig', 'all.mts']);
  });

  function manifestOf(name: string): Manifest {
    return workspace.get(name)!.manifest;
  }

  /** The package and all packages of this repository that it needs, directly or not. */
  function withDependencies(name: string): string[] {
    const needed = new Set([name]);
    for (const each of needed) {
      for (const other of Object.keys(manifestOf(each).dependencies ?? {})) if (workspace.has(other)) needed.add(other);
    }
    return [...needed];
  }

  async function pack(name: string): Promise<string> {
    const destination = join(folder, 'tarballs', name.replace('/', '-'));
    const flags = ['pack', '--pack-destination', destination];
    await runIn(workspace.get(name)!.folder, repositoryPath('node_modules/.bin/pnpm'), flags);
    return join(destination, readdirSync(destination)[0]!);
  }

  async function install(program: string): Promise<string> {
    const place = join(folder, program);
    mkdirSync(place);
    const files = withDependencies(program).map((name) => tarballs.get(name)!);
    await runIn(place, 'npm', ['install', '--no-audit', '--no-fund', ...files]);
    return place;
  }
});

/** The published packages of this repository, by name. */
function readWorkspace(): ReadonlyMap<string, WorkspacePackage> {
  const folders = ['packages', 'apps'].flatMap((group) =>
    readdirSync(repositoryPath(group)).map((name) => repositoryPath(`${group}/${name}`)),
  );
  const packages = folders.map((folder) => {
    const manifest: Manifest = JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8'));
    return { folder, manifest };
  });
  return new Map(packages.filter(({ manifest }) => !manifest.private).map((each) => [each.manifest.name, each]));
}

function runIn(folder: string, command: string, args: readonly string[]): Promise<CommandResult> {
  return runBeside('env', ['--chdir', folder, command, ...args], { timeoutMs: 110_000 });
}

/** Returns the names of the units in the package of a program. Several relays of one host are instances of the second one. */
function unitsOf(program: string): string[] {
  return program === 'teredo-relay' ? ['teredo-relay.service', 'teredo-relay@.service'] : [`${program}.service`];
}
