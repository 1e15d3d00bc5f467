import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { LabError } from '../../src/lab-error.ts';
import { Laboratory } from '../../src/laboratory.ts';
import { laboratoryRanges, serverAddress, webIpv6Address } from '../../src/network/address-plan.ts';
import { Internet } from '../../src/network/internet.ts';
import type { Namespace } from '../../src/network/namespace.ts';
import { ensurePrivileges } from '../../src/privileges.ts';
import { repositoryPath } from '../../src/repository.ts';
import { SystemdMachine } from '../../src/systemd/systemd-machine.ts';
import { firstPing } from '../../src/traffic/ping.ts';
import { copyDebianRoot, type DebianRelease, debianReleases } from './debian-roots.ts';
import { checkEmulated } from './emulation.ts';
import { npmWay, startRegistry } from './registry.ts';
import { remainders } from './remainders.ts';
import { exerciseStates, type Installed } from './service-states.ts';
import { archiveWay, debianWay, pathOf, type Way } from './ways.ts';

const help = `Usage: npm run package-check [-- FLAGS]

Installs server, relay and client from dist-packages/ on fresh Debian machines, each with a configuration of two lines at most. The
client must ping a host that has IPv6 only. Then the programs are upgraded, the client also while its service is stopped and masked,
and removed and installed again; in the end everything is removed, and nothing may be left. Needs root, and Debian's mirror the first
time.

  --release NAME  bookworm (Debian 12) or trixie (Debian 13); may be repeated (both)
  --way NAME      deb, tar.gz or npm, from a registry on loopback; may be repeated (all)
  --arm64         only starts the programs for arm64, in qemu's emulation
  --help          this text`;

const range = `extra-global-ipv4 = [${laboratoryRanges.map((each) => `"${each}"`).join(', ')}]`;
const configurations: Readonly<Record<'server' | 'relay' | 'client', readonly string[]>> = {
  server: [`primary-address = "${serverAddress}"`, range],
  relay: [range],
  client: [`server = ["${serverAddress}"]`, range],
};

async function main(): Promise<void> {
  const { values } = parseArgs({
    options: {
      release: { type: 'string', multiple: true },
      way: { type: 'string', multiple: true },
      arm64: { type: 'boolean', default: false },
      help: { type: 'boolean' },
    },
  });
  if (values.help) return void process.stdout.write(`${help}\n`);
  await ensurePrivileges();
  const packages = repositoryPath('dist-packages');
  if (values.arm64) return checkEmulated(packages);
  const ways = chosen([debianWay(packages), archiveWay(packages), npmWay], ({ name }) => name, values.way);
  const registry = ways.includes(npmWay) ? await startRegistry() : undefined;
  try {
    for (const release of chosen(debianReleases, (name) => name, values.release)) {
      for (const way of ways) await check(release, way);
    }
  } finally {
    registry?.stop();
  }
}

function chosen<Item>(items: readonly Item[], nameOf: (item: Item) => string, names?: readonly string[]): Item[] {
  const wrong = names?.find((name) => !items.some((item) => nameOf(item) === name));
  if (wrong !== undefined) throw new LabError(`"${wrong}" must be one of ${items.map(nameOf).join(', ')}.`);
  return items.filter((item) => names === undefined || names.includes(nameOf(item)));
}

/** Installs, pings, upgrades and removes. */
async function check(release: DebianRelease, way: Way): Promise<void> {
  const laboratory = new Laboratory();
  try {
    const internet = new Internet(laboratory);
    const web = internet.webHost();
    const show = (text: string) => process.stdout.write(`${release} ${way.name}: ${text}\n`);
    const hosts: readonly [keyof typeof configurations, Namespace][] = [
      ['server', internet.serverHost()],
      ['relay', internet.relayHost()],
      ['client', internet.home().host],
    ];
    let startedAt = 0;
    for (const [role, host] of hosts) startedAt = await setUp({ laboratory, host, release, way, role, show });
    const client = hosts[2]![1];
    const { roundTripMs } = await firstPing(client, webIpv6Address, 60_000);
    show(
      `the client pings ${webIpv6Address} ${seconds(startedAt)} after the start of its service, in ${roundTripMs} ms`,
    );
    await firstPing(web, await teredoAddress(client), 20_000);
    show('the host that has IPv6 only pings the client');
    for (const machine of machines.splice(0)) await takeDown(machine, way, show);
  } finally {
    machines.length = 0;
    await laboratory.close();
  }
}

const machines: Installed[] = [];

/** Installs a program and starts its service; resolves with the time of the start. */
async function setUp(place: {
  laboratory: Laboratory;
  host: Namespace;
  release: DebianRelease;
  way: Way;
  role: keyof typeof configurations;
  show: (text: string) => void;
}): Promise<number> {
  const { laboratory, host, release, way, role, show } = place;
  const root = laboratory.file(`debian-${role}`);
  copyDebianRoot(release, root);
  const octets = way.prepare(root, role);
  const machine = await SystemdMachine.bootDebian(laboratory, host, root);
  const before = await remainders(machine);
  const startedAt = performance.now();
  await way.install(machine, role);
  show(`teredo-${role}: ${(octets / 1e6).toFixed(1)} MB, installed in ${seconds(startedAt)}`);
  const state = await machine.property(role, 'ActiveState');
  if (state !== 'inactive') throw new LabError(`teredo-${role} is ${state} without a configuration.`);
  const folder = join(root, 'etc/navalis');
  mkdirSync(folder, { recursive: true });
  writeFileSync(join(folder, `${role}.toml`), `${configurations[role].join('\n')}\n`);
  await machine.run('sh', ['-ec', `${pathOf(way)} teredo-${role} check`]);
  machines.push({ machine, role, before });
  const serviceStartedAt = performance.now();
  await machine.run('systemctl', ['enable', '--now', `teredo-${role}`], { timeoutMs: 60_000 });
  return serviceStartedAt;
}

/** Installs once more, which restarts the service; removes everything, and looks for remainders. */
async function takeDown(installed: Installed, way: Way, show: (text: string) => void): Promise<void> {
  const { machine, role, before } = installed;
  const first = await machine.property(role, 'MainPID');
  await way.install(machine, role);
  const second = await machine.property(role, 'MainPID');
  if (first === second || second === '0') throw new LabError(`The upgrade of teredo-${role} did not restart it.`);
  if (role === 'client') await exerciseStates(installed, way, show);
  await way.purge(machine, role);
  const left = (await remainders(machine)).filter((path) => !before.includes(path));
  if (left.length > 0) throw new LabError(`The removal of teredo-${role} left ${left.join(', ')}.`);
  show(`teredo-${role}: restarted by an upgrade, removed without remainders`);
}

async function teredoAddress(client: Namespace): Promise<string> {
  const { stdout } = await client.runBeside('ip', [
    '-6',
    '-json',
    'address',
    'show',
    'dev',
    'teredo',
    'scope',
    'global',
  ]);
  const [link] = JSON.parse(stdout) as { addr_info: { local: string }[] }[];
  return link!.addr_info[0]!.local;
}

function seconds(since: number): string {
  return `${((performance.now() - since) / 1000).toFixed(1)} s`;
}

await main();
