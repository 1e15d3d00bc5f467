import { writeFileSync } from 'node:fs';
import { Laboratory } from '../../src/laboratory.ts';
import { serverAddress, webIpv6Address } from '../../src/network/address-plan.ts';
import { Internet } from '../../src/network/internet.ts';
import type { Namespace } from '../../src/network/namespace.ts';
import { ensurePrivileges } from '../../src/privileges.ts';
import { launch, type Navalis, startClient, startRelay, startServer } from '../../src/programs/navalis.ts';
import { firstPing } from '../../src/traffic/ping.ts';
import { lossesDuring } from './load.ts';

/** The programs, which each action replaces, and the hosts at the ends of the load. */
interface Scene {
  readonly laboratory: Laboratory;
  readonly home: Namespace;
  readonly web: Namespace;
  readonly serverHost: Namespace;
  readonly relayHost: Namespace;
  readonly file: string;
  client: Navalis;
  server: Navalis;
  relay: Navalis;
}

/** An action, and what it does. */
type Action = readonly [name: string, act: (scene: Scene) => Promise<void>];

const actions: readonly Action[] = [
  ['nothing', async () => {}],
  ['client: reload, at once', (scene) => reload(scene, 'route-metric = 77')],
  ['client: reload, with another socket', (scene) => reload(scene, 'route-metric = 77\nmax-peers = 64')],
  ['client: restart or upgrade', (scene) => restart(scene, 'client', 'SIGTERM')],
  ['client: kill -9 and start', (scene) => restart(scene, 'client', 'SIGKILL')],
  ['relay: restart or upgrade', (scene) => restart(scene, 'relay', 'SIGTERM')],
  ['relay: kill -9 and start', (scene) => restart(scene, 'relay', 'SIGKILL')],
  ['server: restart or upgrade', (scene) => restart(scene, 'server', 'SIGTERM')],
];

async function main(): Promise<void> {
  await ensurePrivileges();
  const laboratory = new Laboratory();
  try {
    const scene = await prepare(laboratory);
    const rows: string[][] = [['action', 'packets lost', 'of', 'longest gap', 'TCP stands still']];
    for (const [name, act] of actions) {
      const ends = { from: scene.web, to: scene.home, address: await addressOf(scene.client) };
      const { lost, sent, gapSeconds, stillSeconds } = await lossesDuring(laboratory, ends, () => act(scene));
      rows.push([name, String(lost), String(sent), `${gapSeconds.toFixed(2)} s`, `${stillSeconds.toFixed(1)} s`]);
    }
    process.stdout.write(rows.map((row) => `| ${row.join(' | ')} |\n`).join(''));
  } finally {
    await laboratory.close();
  }
}

async function prepare(laboratory: Laboratory): Promise<Scene> {
  const internet = new Internet(laboratory);
  const [serverHost, relayHost, web] = [internet.serverHost(), internet.relayHost(), internet.webHost()];
  const home = internet.home().host;
  const file = laboratory.file('client.toml');
  writeFileSync(file, '');
  const server = await startServer(laboratory, serverHost);
  const relay = await startRelay(laboratory, relayHost);
  const client = await startClient(laboratory, home, clientFlags(laboratory, file));
  await firstPing(home, webIpv6Address, 20_000);
  return { laboratory, home, web, serverHost, relayHost, file, client, server, relay };
}

function clientFlags(laboratory: Laboratory, file: string): readonly string[] {
  return ['--config', file, '--state-directory', laboratory.file('state')];
}

async function addressOf(client: Navalis): Promise<string> {
  const { address } = await client.program.until(
    'an address',
    async () => {
      const status = await client.status().catch(() => undefined);
      return status?.address === undefined ? undefined : { address: status.address };
    },
    20_000,
    500,
  );
  return address;
}

async function reload({ client, file }: Scene, text: string): Promise<void> {
  writeFileSync(file, `${text}\n`);
  client.program.signal('SIGHUP');
}

/** Ends a program and starts it at once, as an upgrade does. */
async function restart(
  scene: Scene,
  role: 'client' | 'relay' | 'server',
  signal: 'SIGTERM' | 'SIGKILL',
): Promise<void> {
  const { laboratory, home, serverHost, relayHost, file } = scene;
  scene[role].program.signal(signal);
  await scene[role].program.ended;
  if (role === 'client') {
    const flags = ['--server', serverAddress, ...clientFlags(laboratory, file)];
    scene.client = launch(laboratory, home, 'client', { flags });
  } else if (role === 'relay') {
    scene.relay = launch(laboratory, relayHost, 'relay');
  } else {
    scene.server = launch(laboratory, serverHost, 'server', { flags: ['--primary-address', serverAddress] });
  }
}

await main();
