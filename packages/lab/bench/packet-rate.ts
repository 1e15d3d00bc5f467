import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import type { Laboratory } from '../src/laboratory.ts';
import { relayIpv6Address } from '../src/network/address-plan.ts';
import type { Namespace } from '../src/network/namespace.ts';
import type { Place } from '../src/network/place.ts';
import { Program } from '../src/programs/program.ts';
import type { Stage } from './stage.ts';

/** Few flows, as of a download and some calls. */
const flows = 4;

/** Thousands of UDP packets per second that arrive when one machine sends as many as it can. */
export async function kilopackets(
  { laboratory }: Pick<Stage, 'laboratory'>,
  from: Place,
  to: Place,
  { octets, seconds }: { readonly octets: number; readonly seconds: number },
): Promise<number> {
  const sink = await startSink(laboratory, to, flows);
  const before = arrived(sink);
  const took = await send('packet-source', from.host, [from.address, to.address, flows, octets, seconds]);
  return rateSince(before, sink, took);
}

/** Opens so many ports at a place, where nobody reads what arrives; `arrived` counts it. */
export async function startSink(laboratory: Laboratory, { host, address }: Place, ports: number): Promise<Program> {
  const args = [script('packet-sink'), address, String(ports)];
  const sink = Program.start(laboratory, host, { name: 'packet sink', command: process.execPath, args });
  await sink.line(/ready/);
  return sink;
}

/** Packets to each client of the swarm before the measurement: relays drop some of many first packets. */
const introductions = 8;
const betweenIntroductionsMs = 300;

/**
 * Measures thousands of UDP packets per second that the relay carries to many clients in turn: no two consecutive packets have
 * the same flow. They come from the relay's own machine, since the path to it would cost more than the relay.
 */
export async function interleavedKilopackets(
  { laboratory, bystander, relay }: Stage,
  clients: number,
  octets: number,
  seconds: number,
): Promise<number> {
  receiveOn('1', bystander);
  const swarm = startSwarm(laboratory, bystander, clients);
  await swarm.line(/ready/);
  for (let round = 0; round < introductions; round++) {
    await send('swarm-source', relay, [relayIpv6Address, clients, octets, 0]);
    await new Promise((resolve) => setTimeout(resolve, betweenIntroductionsMs));
  }
  swarm.write('hold');
  await swarm.line(/holding/);
  const before = arrived(swarm);
  const took = await send('swarm-source', relay, [relayIpv6Address, clients, octets, seconds]);
  const rate = await rateSince(before, swarm, took);
  receiveOn('0', bystander);
  return rate;
}

/**
 * Selects the processor that receives packets for a machine: `1` the first, `0` any (receive packet steering,
 * networking/scaling.rst of the kernel). Without it the sender's thread also does the receiver's work in the kernel, which takes
 * longer than a relay's work and would distort the measurement.
 */
function receiveOn(processors: string, host: Namespace): void {
  const script = 'for queue in /sys/class/net/*/queues/rx-*; do echo "$0" > "$queue/rps_cpus"; done';
  host.run('sh', ['-c', script, processors]);
}

/** Starts a swarm of so many minimal clients; `hold` on its input has it stop reading. */
export function startSwarm(laboratory: Laboratory, host: Namespace, clients: number): Program {
  const args = [script('swarm-clients'), String(clients)];
  return Program.start(laboratory, host, { name: 'swarm', command: process.execPath, args, interactive: true });
}

/** Runs a source of packets to its end; returns the seconds for which it sent. */
async function send(source: string, host: Namespace, args: readonly (string | number)[]): Promise<number> {
  const { stdout } = await host.runBeside(process.execPath, [script(source), ...args.map(String)], {
    timeoutMs: 60_000,
  });
  return Number(stdout);
}

/** Thousands per second since `before` were counted; ends the receiver. */
async function rateSince(before: number, receiver: Program, seconds: number): Promise<number> {
  const count = arrived(receiver) - before;
  await receiver.kill();
  return count / seconds / 1000;
}

/** Returns how many UDP datagrams have reached a socket in the program's namespace, read or not. */
export function arrived({ pid }: Program): number {
  const [names = [], values = []] = readFileSync(`/proc/${pid}/net/snmp`, 'utf8')
    .split('\n')
    .filter((line) => line.startsWith('Udp:'))
    .map((line) => line.split(' '));
  const ipv6 = new Map(
    readFileSync(`/proc/${pid}/net/snmp6`, 'utf8')
      .split('\n')
      .map((line) => line.split(/\s+/) as [string, string]),
  );
  const count = (name: string): number => Number(values[names.indexOf(name)]) + Number(ipv6.get(`Udp6${name}`));
  return count('InDatagrams') + count('RcvbufErrors');
}

/** Returns the file of a program of the benchmark. */
export function script(name: string): string {
  return fileURLToPath(new URL(`./${name}.js`, import.meta.url));
}
