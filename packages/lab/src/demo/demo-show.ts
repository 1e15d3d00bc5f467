import { embeddedAddress, embeddedFlags, embeddedPort, embeddedServer, formatIpv4, parseIpv6 } from '@navalis/address';
import { LabError } from '../lab-error.ts';
import type { NamedPlace } from '../network/place.ts';
import { startClient } from '../programs/navalis.ts';
import { type StreamLength, tcpMegabits } from '../traffic/iperf.ts';
import { firstPing, ping } from '../traffic/ping.ts';
import type { Cast, Scene } from './demo-scene.ts';
import type { Terminal } from './terminal.ts';

const firstAnswerWithinMs = 15_000;

/** Shows the addresses field by field. */
export async function showAddresses(terminal: Terminal, { clients, miredo }: Cast): Promise<void> {
  for (const client of clients) showAddress(terminal, client, `NAT ${(await client.status()).nat ?? 'unknown'}`);
  if (miredo !== undefined) showAddress(terminal, miredo, 'NAT not told');
}

function showAddress(terminal: Terminal, { name, address }: NamedPlace, nat: string): void {
  const value = parseIpv6(address);
  if (value === undefined) throw new LabError(`${name} has no readable address: ${address}`);
  const server = formatIpv4(embeddedServer(value));
  const flags = `0x${embeddedFlags(value).toString(16).padStart(4, '0')}`;
  const mapped = `${formatIpv4(embeddedAddress(value))}:${embeddedPort(value)}`;
  terminal.line(`    ${name.padEnd(17)}  ${terminal.paint('cyan', address)}`);
  terminal.line(`        server ${server}, flags ${flags}, mapped to ${mapped}, ${nat}`);
}

/** Pings over every kind of path; the first one has to open it. */
export async function showPaths(terminal: Terminal, scene: Scene, { clients, miredo }: Cast): Promise<void> {
  const [first, second] = clients;
  const paths: [NamedPlace, NamedPlace, string][] = [
    [first, scene.web, 'relay'],
    [scene.web, second, 'relay, from outside'],
    [first, scene.dualStack, 'host relay'],
    [scene.dualStack, second, 'host relay, from outside'],
    [first, second, 'directly, through both NATs'],
  ];
  if (miredo !== undefined) {
    paths.push([first, miredo, 'directly, with miredo'], [miredo, scene.web, 'our relay, for miredo']);
  }
  const rows = [['from', 'to', 'first', 'then', 'answered', 'way']];
  for (const [from, to, way] of paths) {
    const opening = await firstPing(from.host, to.address, firstAnswerWithinMs);
    const { sent, received, roundTripsMs } = await ping(from.host, to.address, { count: 10, intervalMs: 100 });
    if (received === 0) throw new LabError(`${to.name} stopped answering ${from.name}.`);
    const typical = roundTripsMs.toSorted((one, other) => one - other)[Math.floor(received / 2)] ?? Number.NaN;
    const times = [`${opening.roundTripMs.toFixed(1)} ms`, `${typical.toFixed(1)} ms`];
    rows.push([from.name, to.name, ...times, `${received}/${sent}`, way]);
  }
  terminal.table(rows);
}

/** Megabits per second of one TCP stream, by iperf3. */
export async function showThroughput(
  terminal: Terminal,
  scene: Scene,
  { clients: [first, second] }: Cast,
  length: StreamLength,
): Promise<void> {
  const rows = [['from', 'to', 'Mbit/s', 'way']];
  const streams: [NamedPlace, NamedPlace, string][] = [
    [first, scene.web, 'relay'],
    [scene.web, first, 'relay'],
    [first, scene.dualStack, 'host relay'],
    [first, second, 'directly, through both NATs'],
  ];
  for (const [from, to, way] of streams) {
    const rate = await tcpMegabits(scene.laboratory, from.host, to, length);
    rows.push([from.name, to.name, rate.toFixed(0).padStart(6), way]);
  }
  terminal.table(rows);
}

/** Pings a native host from behind a symmetric NAT: the relay finds the client by a nonce. */
export async function showSymmetricNat(terminal: Terminal, scene: Scene): Promise<void> {
  const client = await startClient(scene.laboratory, scene.symmetricHome.host);
  const { state, nat } = await client.status();
  const { roundTripMs } = await firstPing(client.host, scene.web.address, firstAnswerWithinMs);
  terminal.done(
    `client-4 is ${state}, NAT ${nat ?? 'unknown'}; web answers its first ping in ${roundTripMs.toFixed(1)} ms`,
  );
  await client.program.stop();
}

/** Shows the counters of the programs. */
export async function showCounters(terminal: Terminal, { programs }: Cast): Promise<void> {
  const rows = [['program', 'on', 'state', 'peers', 'datagrams in', 'out', 'bubbles in', 'out', 'drops']];
  for (const program of programs) {
    const { state, peers, counters } = await program.status();
    const { datagramsReceived, datagramsSent, bubblesReceived, bubblesSent, drops } = counters;
    const dropped = Object.values(drops).reduce((sum, number) => sum + number, 0);
    const numbers = [peers, datagramsReceived, datagramsSent, bubblesReceived, bubblesSent, dropped].map(String);
    rows.push([`teredo-${program.role}`, program.host.label, state, ...numbers]);
  }
  terminal.table(rows);
}
