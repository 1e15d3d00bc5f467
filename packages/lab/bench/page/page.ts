// The page of a relay with 100,000 clients, and of one with 1,000 slow clients of its status server, each while a host pings through the
// relay: page.js [CLIENTS] [PICTURE.png]. Prints the time and size of the first page, the longest turn of the data plane and memory.
import { readdirSync } from 'node:fs';
import { get } from 'node:http';
import { connect, type Socket } from 'node:net';
import { chromiumFlags, chromiumPath } from '@navalis/page/testing';
import { Laboratory } from '../../src/laboratory.ts';
import { relayIpv6Address, webIpv6Address } from '../../src/network/address-plan.ts';
import { Internet } from '../../src/network/internet.ts';
import type { Namespace } from '../../src/network/namespace.ts';
import { ensurePrivileges } from '../../src/privileges.ts';
import { type Navalis, startClient, startRelay, startServer } from '../../src/programs/navalis.ts';
import { Program } from '../../src/programs/program.ts';
import { firstPing, ping } from '../../src/traffic/ping.ts';
import { script } from '../packet-rate.ts';
import { residentMegabytes } from '../process-usage.ts';
import { swarmAddresses, swarmServerAddress } from '../swarm-addresses.ts';

const clients = Number(process.argv[2] ?? 100_000);
const picture = process.argv[3];
const port = 9_464;
const crowd = 'crowd';
const slowClients = 1_000;
/** As the page asks at its start: its files, and the facts. */
const firstRequests = [
  '/',
  '/assets/page.js',
  '/assets/style.css',
  '/status',
  '/peers?sort=heard&limit=20',
  '/explanations',
  '/events?after=0',
];

interface Scene {
  readonly laboratory: Laboratory;
  readonly relay: Navalis;
  readonly home: Namespace;
}

async function main(): Promise<void> {
  await ensurePrivileges();
  const laboratory = new Laboratory();
  try {
    const scene = await prepare(laboratory);
    await whilePinging(scene, 'quiet', () => sleep(3_000));
    await introduce(scene);
    await whilePinging(scene, `first page, ${clients} clients`, () => firstPage(scene.relay));
    await whilePinging(scene, 'ten more pages', async () => {
      for (let page = 0; page < 10; page++) await firstPage(scene.relay, false);
    });
    if (picture !== undefined) await whilePinging(scene, 'Chromium', () => photograph(scene, picture));
    await whilePinging(scene, `${slowClients} slow clients`, () => besiege(scene.relay));
  } finally {
    await laboratory.close();
  }
}

async function prepare(laboratory: Laboratory): Promise<Scene> {
  const internet = new Internet(laboratory);
  const [serverHost, relayHost] = [internet.serverHost(), internet.relayHost()];
  internet.webHost();
  relayHost.ip(
    `tuntap add dev ${crowd} mode tun`,
    `link set ${crowd} up`,
    ...[...swarmAddresses(clients), swarmServerAddress].map((address) => `route add ${address} dev ${crowd}`),
  );
  const args = [script('many-clients'), crowd];
  await Program.start(laboratory, relayHost, { name: crowd, command: process.execPath, args }).line(/ready/);
  await startServer(laboratory, serverHost);
  const room = ['--max-clients', String(2 * clients), '--new-clients-per-second', '1000000'];
  const relay = await startRelay(laboratory, relayHost, [...room, '--http', `127.0.0.1:${port}`]);
  const { host: home } = await startClient(laboratory, internet.home().host);
  await firstPing(home, webIpv6Address, 20_000);
  return { laboratory, relay, home };
}

/** Makes all clients peers of the relay: a packet to each, again for those whose first packet was dropped. */
async function introduce({ relay }: Scene): Promise<void> {
  const startedAt = performance.now();
  for (let round = 0; round < 20; round++) {
    const { paths } = await relay.status();
    const reached = Object.values(paths ?? {}).reduce((sum, count) => sum + count, 0);
    if (reached > clients) {
      say(`${clients} clients are reached after ${seconds(startedAt)} s; the relay has ${memory(relay)} MB.`);
      return;
    }
    const source = [script('swarm-source'), relayIpv6Address, String(clients), '64', '0', '3000'];
    await relay.host.runBeside(process.execPath, source, { timeoutMs: 60_000 });
    await sleep(1_000);
  }
  throw new Error(`Not all clients are reached: ${JSON.stringify((await relay.status()).paths)}`);
}

/** Asks as a browser does that opens the page. */
async function firstPage(relay: Navalis, isTold = true): Promise<void> {
  const startedAt = performance.now();
  const sizes = await Promise.all(firstRequests.map((path) => sizeOf(relay, path)));
  if (!isTold) return;
  const [files, facts] = [sizes.slice(0, 3), sizes.slice(3)].map((part) => part.reduce((sum, size) => sum + size, 0));
  say(
    `first page: ${(performance.now() - startedAt).toFixed(0)} ms, ${kilobytes(files!)} of files and ${kilobytes(facts!)} of facts`,
  );
}

function sizeOf({ socket }: Navalis, path: string): Promise<number> {
  return new Promise((resolve, reject) => {
    const asked = get({ socketPath: socket, path, agent: false }, (response) => {
      let size = 0;
      response.on('data', (chunk: Buffer) => {
        size += chunk.length;
      });
      response.on('end', () =>
        response.statusCode === 200 ? resolve(size) : reject(new Error(`${path}: ${response.statusCode}`)),
      );
    });
    asked.on('error', reject);
  });
}

/** Lets Chromium show the page, and take a picture of it. */
async function photograph({ laboratory, relay }: Scene, file: string): Promise<void> {
  const browser = Program.start(laboratory, relay.host, {
    name: 'chromium',
    command: chromiumPath,
    args: [
      ...[...chromiumFlags, `--user-data-dir=${laboratory.file('chromium')}`, '--window-size=1180,1800'],
      ...[`--screenshot=${file}`, '--virtual-time-budget=8000', `http://127.0.0.1:${port}/`],
    ],
  });
  await browser.ended;
  say(`picture: ${file}`);
}

/** Keeps slow clients connected to the status socket, each with half a request, and asks for the status among them. */
async function besiege(relay: Navalis): Promise<void> {
  const slow = new Set<Socket>();
  let connected = 0;
  let most = 0;
  const again = setInterval(() => {
    while (slow.size < slowClients) {
      const socket = connect(relay.socket, () => {
        connected += 1;
        socket.write('GET /status HTTP/1.1\r\nHost: local');
      });
      slow.add(socket.on('error', () => undefined).on('close', () => slow.delete(socket)));
    }
    most = Math.max(most, readdirSync(`/proc/${relay.program.pid}/fd`).length);
  }, 100);
  try {
    await sleep(2_000);
    const startedAt = performance.now();
    const wanted = 5;
    let asked = 0;
    for (let answered = 0; answered < wanted; asked++) {
      const isAnswered = await sizeOf(relay, '/status').then(
        () => true,
        () => false,
      );
      if (isAnswered) answered += 1;
    }
    const took = (performance.now() - startedAt) / wanted;
    await sleep(6_000);
    say(
      `${connected} connections of slow clients; at most ${most} descriptors; a status takes ${took.toFixed(0)} ms among them, ${asked} attempts for ${wanted}`,
    );
  } finally {
    clearInterval(again);
    for (const socket of slow) socket.destroy();
  }
}

/** Prints what an action costs the data plane, and a host that pings through the relay meanwhile. */
async function whilePinging({ relay, home }: Scene, name: string, act: () => Promise<void>): Promise<void> {
  const before = { turns: await turnsOf(relay), memory: memory(relay) };
  let isOver = false;
  const pings: { sent: number; received: number; longest: number } = { sent: 0, received: 0, longest: 0 };
  const pinging = (async () => {
    while (!isOver) {
      const { sent, received, roundTripsMs } = await ping(home, webIpv6Address, { count: 100, intervalMs: 10 });
      pings.sent += sent;
      pings.received += received;
      pings.longest = Math.max(pings.longest, ...roundTripsMs);
    }
  })();
  await act();
  isOver = true;
  await pinging;
  const turns = await turnsOf(relay);
  // The last bound holds all.
  const longest = turnBoundsMs.findLast((_, index) => {
    const below = index === 0 ? 0 : turns[index - 1]! - before.turns[index - 1]!;
    return turns[index]! - before.turns[index]! > below;
  });
  say(
    `${name}: longest turn of the data plane up to ${longest} ms; ${pings.sent - pings.received} of ${pings.sent} pings lost, ` +
      `longest ${pings.longest.toFixed(1)} ms; memory ${before.memory} MB before, ${memory(relay)} MB after`,
  );
}

/** The classes of turns in the status. */
const turnBoundsMs = [0.1, 1, 5, 20, 100, 1000, Number.POSITIVE_INFINITY];

async function turnsOf(relay: Navalis): Promise<readonly number[]> {
  const { loop } = await relay.status();
  return loop.atMost;
}

/** Resident memory in megabytes. */
function memory({ program }: Navalis): string {
  return residentMegabytes(program.pid).toFixed(0);
}

function seconds(since: number): string {
  return ((performance.now() - since) / 1000).toFixed(1);
}

function kilobytes(octets: number): string {
  return `${(octets / 1000).toFixed(0)} kB`;
}

function sleep(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms));
}

function say(text: string): void {
  process.stdout.write(`${text}\n`);
}

await main();
