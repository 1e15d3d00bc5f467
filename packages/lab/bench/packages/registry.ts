import { type ChildProcess, spawn } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { run } from '../../src/command.ts';
import { LabError } from '../../src/lab-error.ts';
import type { Role } from '../../src/programs/navalis.ts';
import { repositoryPath } from '../../src/repository.ts';
import type { SystemdMachine } from '../../src/systemd/systemd-machine.ts';
import { putFiles, runIn } from './debian-roots.ts';
import type { Way } from './ways.ts';

/** The registry program. It asks for node-fetch by a tag, which mirrors of the registry may not have. */
const verdaccio = { private: true, dependencies: { verdaccio: '6.10.4' }, overrides: { 'node-fetch': '2.7.0' } };
const long = { timeoutMs: 600_000 };
let registry = '';

/** A prefix of npm that systemd does not search, with Node and npm. */
const prefix = '/opt/node';
const path = `PATH=${prefix}/bin:$PATH`;

/** Packages of a registry, by `npm install -g`, on a machine that has Node and npm. */
export const npmWay: Way = {
  name: 'npm',
  folder: `${prefix}/bin`,
  prepare: (root, role) => {
    putFiles(root, `${prefix}/bin`, [packagedNode()]);
    run('npm', ['install', '--silent', '--global', `--prefix=${join(root, prefix)}`, 'npm@11'], long);
    // Only now is there a network with the registry: npm's cache keeps what it fetches.
    runIn(
      root,
      `${path} npm install --global --prefix=/tmp/once --registry=${registry} teredo-${role}; rm -r /tmp/once`,
    );
    const cache = join(root, 'root/.npm/_cacache/content-v2');
    return Number(run('du', ['--bytes', '--summarize', cache]).stdout.split('\t')[0]);
  },
  install: async (machine, role) => {
    const unit = `"$(npm root --global)/teredo-${role}/systemd/teredo-${role}.service"`;
    await npm(machine, `npm install --global --offline --registry=${registry} teredo-${role}`);
    await npm(machine, `systemctl link ${unit}; systemctl daemon-reload; systemctl try-restart teredo-${role}`);
  },
  remove: (machine, role) => npm(machine, removal(role)),
  purge: async (machine, role) => {
    await npm(machine, removal(role));
    const state = `/var/lib/teredo-${role} /var/lib/private/teredo-${role}`;
    await npm(machine, `rm -rf /etc/navalis ${state}`);
  },
  comesBack: false,
  canBeMasked: false,
};

/** Returns the commands of the guide. "disable --now" would take the unit away first, and its folders in /run would stay. */
function removal(role: Role): string {
  const unit = `teredo-${role}`;
  return `systemctl stop ${unit} && systemctl disable ${unit} && npm uninstall --global ${unit}`;
}

/** Runs a script with npm on the machine. */
async function npm(machine: SystemdMachine, script: string): Promise<void> {
  await machine.run('sh', ['-ec', `export HOME=/root ${path}; ${script}`], long);
}

/** Starts a registry on loopback, to which the release command publishes what `npm run package` packed. */
export async function startRegistry(): Promise<{ stop(): void }> {
  const home = repositoryPath('node_modules/.cache/verdaccio');
  const program = join(home, 'node_modules/verdaccio/bin/verdaccio');
  if (!existsSync(program)) {
    mkdirSync(home, { recursive: true });
    writeFileSync(join(home, 'package.json'), JSON.stringify(verdaccio));
    run('npm', ['install', '--silent', '--no-audit', `--prefix=${home}`], long);
  }
  const storage = mkdtempSync(join(tmpdir(), 'navalis-registry-'));
  const port = await freePort();
  writeFileSync(join(storage, 'config.yaml'), configuration(storage));
  const child = spawn(packagedNode(), [
    program,
    '--config',
    join(storage, 'config.yaml'),
    '--listen',
    `127.0.0.1:${port}`,
  ]);
  let output = '';
  for (const stream of [child.stdout, child.stderr]) stream.on('data', (text) => (output += text));
  registry = `http://127.0.0.1:${port}/`;
  const stop = () => {
    child.kill();
    rmSync(storage, { recursive: true, force: true });
  };
  try {
    await untilItServes(child, () => output);
    const release = ['packages/release/dist/release.js', '--publish-only', `--registry=${registry}`];
    process.stdout.write(
      run('sh', ['-ec', `cd ${repositoryPath('.')}; NPM_TOKEN=any node ${release.join(' ')}`], long).stdout,
    );
  } catch (error) {
    stop();
    throw error;
  }
  return { stop };
}

/** Anyone may publish; packages of others come from the registry that npm uses. */
function configuration(storage: string): string {
  const upstream = run('npm', ['config', 'get', 'registry']).stdout.trim();
  return `storage: ${storage}/packages
uplinks:
  upstream:
    url: ${upstream}
packages:
  '{@navalis/*,teredo-*}':
    access: $all
    publish: $anonymous
  '**':
    access: $all
    proxy: upstream
auth:
  htpasswd:
    file: ${storage}/htpasswd
max_body_size: 100mb
log: { type: stdout, level: warn }
`;
}

async function untilItServes(child: ChildProcess, output: () => string): Promise<void> {
  for (let attempt = 0; attempt < 240; attempt++) {
    if (child.exitCode !== null) break;
    const isServing = await fetch(`${registry}-/ping`).then(
      ({ ok }) => ok,
      () => false,
    );
    if (isServing) return;
    await new Promise((resolve) => setTimeout(resolve, 250));
  }
  throw new LabError(`The registry does not serve: ${output()}`);
}

/** Returns the newest Node that `npm run package` fetched. */
function packagedNode(): string {
  const cache = repositoryPath('node_modules/.cache/release');
  const names = existsSync(cache) ? readdirSync(cache) : [];
  const name = names
    .filter((each) => each.startsWith(`node-linux-${process.arch}-`))
    .sort()
    .at(-1);
  if (name === undefined) throw new LabError(`${cache} has no Node: run npm run package.`);
  return join(cache, name, 'package/bin/node');
}

function freePort(): Promise<number> {
  return new Promise((resolve) => {
    const server = createServer().listen(0, '127.0.0.1', () => {
      const { port } = server.address() as { port: number };
      server.close(() => resolve(port));
    });
  });
}
