import { availableParallelism } from 'node:os';
import { parseArgs } from 'node:util';
import { guideBlocks } from '../../src/guide/guide-blocks.ts';
import { GuideMachine } from '../../src/guide/guide-machine.ts';
import { Laboratory } from '../../src/laboratory.ts';
import { relayAddress, relayIpv6Address, webIpv6Address } from '../../src/network/address-plan.ts';
import type { Namespace } from '../../src/network/namespace.ts';
import { ensurePrivileges } from '../../src/privileges.ts';
import { startRelay } from '../../src/programs/navalis.ts';
import { runCommand, wholeNumber } from '../command.ts';
import { arrived, script, startSwarm } from '../packet-rate.ts';
import { processorSeconds } from '../stage.ts';
import { median } from '../statistics.ts';
import { streetScenery } from '../street-scenery.ts';
import { shortNumber } from '../summary.ts';

const help = `Usage: npm run relays [-- FLAGS]

Sends packets to 64 clients through one relay, and through two on the same host that share the clients. Prints how many arrive, and the
processor time that the relays take. Needs root and a quiet machine.

  --rounds N   how often each is measured (3)
  --seconds N  how long each measurement takes (2)
  --help       this text`;

const clients = 64;
const payloadOctets = 64;
/** Packets to each client before the measurement: relays drop some of many first packets. */
const introductions = 8;
const betweenIntroductionsMs = 300;

/** The addresses of the relays on their host. */
const places = [
  { bind: relayAddress, ipv6: relayIpv6Address },
  { bind: '198.51.100.13', ipv6: '2d00:0:0:1::13' },
] as const;

type Sending = 'trains' | 'single';
const sendings: readonly Sending[] = ['trains', 'single'];

interface Figures {
  readonly kilopackets: number;
  /** Processors that the relays kept busy, on average. */
  readonly processors: number;
}

async function main(): Promise<void> {
  const { values } = parseArgs({
    options: {
      rounds: { type: 'string', default: '3' },
      seconds: { type: 'string', default: '2' },
      help: { type: 'boolean', default: false },
    },
  });
  if (values.help) return void process.stdout.write(`${help}\n`);
  const [rounds, seconds] = [
    wholeNumber('rounds', values.rounds, [1, 100]),
    wholeNumber('seconds', values.seconds, [1, 100]),
  ];
  await ensurePrivileges();
  process.stdout.write(`${availableParallelism()} processors, ${clients} clients, ${payloadOctets} octets\n\n`);
  for (const sending of sendings) {
    const figures: Record<1 | 2, Figures[]> = { 1: [], 2: [] };
    for (let round = 1; round <= rounds; round++) {
      for (const count of round % 2 === 1 ? ([1, 2] as const) : ([2, 1] as const)) {
        process.stderr.write(`${sending}, round ${round}, ${count} relays\n`);
        figures[count].push(await measure(count, sending, seconds));
      }
    }
    for (const count of [1, 2] as const) process.stdout.write(`${sending}, ${count}: ${text(figures[count])}\n`);
    const ratios = figures[2].map(({ kilopackets }, index) => kilopackets / figures[1][index]!.kilopackets);
    process.stdout.write(
      `${sending}, two to one: ${median(ratios).toFixed(2)} (${ratios.map((each) => each.toFixed(2)).join(', ')})\n\n`,
    );
  }
}

function text(figures: readonly Figures[]): string {
  const rate = median(figures.map(({ kilopackets }) => kilopackets));
  const processors = median(figures.map((each) => each.processors));
  const cost = median(figures.map((each) => (1_000 * each.processors) / each.kilopackets));
  return `${shortNumber(rate)} kpacket/s, relays keep ${processors.toFixed(2)} processors busy, ${shortNumber(cost)} us a packet`;
}

async function measure(count: 1 | 2, sending: Sending, seconds: number): Promise<Figures> {
  const laboratory = new Laboratory();
  try {
    const { relay, web, bystander } = streetScenery(laboratory, 'super-segments');
    await startRelays(laboratory, relay, count);
    const swarm = startSwarm(laboratory, bystander, clients);
    await swarm.line(/ready/);
    for (let round = 0; round < introductions; round++) {
      await send(web, 0, sending);
      await new Promise((resolve) => setTimeout(resolve, betweenIntroductionsMs));
    }
    swarm.write('hold');
    await swarm.line(/holding/);
    const before = { packets: arrived(swarm), used: processorSeconds(relay) };
    const took = await send(web, seconds, sending);
    const packets = arrived(swarm) - before.packets;
    return { kilopackets: packets / took / 1_000, processors: (processorSeconds(relay) - before.used) / took };
  } finally {
    await laboratory.close();
  }
}

/** Starts the relays, and shares the clients among them as the guide says. */
async function startRelays(laboratory: Laboratory, relay: Namespace, count: number): Promise<void> {
  const { bind: address, ipv6 } = places[1];
  relay.ip(`addr add ${address}/24 dev eth0`, `addr add ${ipv6}/64 dev eth0`);
  for (const [index, place] of places.slice(0, count).entries()) {
    const own = ['--interface', `teredo${index + 1}`, '--bind-address', place.bind, '--ipv6-address', place.ipv6];
    await startRelay(laboratory, relay, [...own, '--service-route', 'false', '--rate-limit', 'off']);
  }
  const [share] = guideBlocks('docs/operate/relays.md', 'Share the packets');
  await (await GuideMachine.start(laboratory, relay)).run(share!.commands);
}

async function send(from: Namespace, seconds: number, sending: Sending): Promise<number> {
  const args = [script('client-flows'), webIpv6Address, clients, payloadOctets, seconds, sending].map(String);
  return Number((await from.runBeside(process.execPath, args, { timeoutMs: 60_000 })).stdout);
}

await runCommand(main);
