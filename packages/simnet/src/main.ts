import { parseArgs } from 'node:util';
import { type NatKind, nameNat, natKinds } from '@navalis/nat';
import { allExtensions, noExtensions } from '@navalis/traversal';
import type { PathQuality } from './paths/path-quality.ts';
import { formatDistribution, formatTable } from './report.ts';
import { contactTimes, serverLoads } from './scenarios/contacts.ts';
import { crowd } from './scenarios/crowd.ts';
import { probe } from './scenarios/diagnosis.ts';
import { deafServer, lossyWeek, outageEnd } from './scenarios/endurance.ts';
import { firstContact, roughPath } from './scenarios/first-contact.ts';
import { fleetText, incidentText } from './scenarios/million/fleet-report.ts';
import { FleetRun } from './scenarios/million/fleet-run.ts';
import { PairTable } from './scenarios/pair-table.ts';
import { interruptions, type Recovery, recoverFrom } from './scenarios/recovery.ts';
import { storm } from './scenarios/storm.ts';
import { forEachSeed, seedOr } from './seeds.ts';
import { internet } from './teredo/internet.ts';

const usage = `Usage: npm run sim:NAME -- [--seeds COUNT] [--clients COUNT] [--loss PERCENT]

  sim:pairs     which kinds of NAT connect with each other (--seeds 100 --loss 0)
  sim:contacts  how fast pairs connect, and what server load reduction saves (--seeds 20 --loss 0)
  sim:diagnose  what a probe calls each kind of NAT, without and with 10 % loss (--seeds 10)
  sim:loss      the time to connect with 30 % loss and 20 % reordering (--seeds 1000)
  sim:recovery  how long a connection takes to come back (--seeds 30)
  sim:storm     ten minutes in which anything happens, then everybody must reach everybody (--seeds 500)
  sim:endurance a week with 5 % loss, 60 % loss at the server alone, and the end of an outage (--seeds 4)
  sim:scale     many clients on one server (--clients 10000)
  sim:million   a fleet of 8 servers and 16 relays, start-up storm and failures (--clients 1000000)

The exit status is 1 when a scenario fails; NAVALIS_SEED=SEED runs that seed alone.`;

/** How much a scenario does; 0 where that was not said. */
interface Sizes {
  readonly seeds: number;
  readonly clients: number;
  /** Per cent of what crosses the Internet. */
  readonly loss: number;
}

const scenarios: Readonly<Record<string, (sizes: Sizes) => void>> = {
  pairs,
  contacts: ({ seeds, loss }) => contacts(seeds || 20, loss / 100),
  diagnose: ({ seeds }) => diagnose(seeds || 10),
  loss: ({ seeds }) => loss(seeds || 1000),
  recovery: ({ seeds }) => recovery(seeds || 30),
  storm: ({ seeds }) => storms(seeds || 500),
  endurance: ({ seeds }) => endurance(seeds || 4),
  scale: ({ clients }) => scale(clients || 10_000),
  million: ({ clients }) => million(clients || 1_000_000),
};

// A reader such as `head` may close the pipe early.
process.stdout.on('error', () => process.exit());
process.exitCode = main();

function main(): number {
  const asked = readArguments();
  const scenario = scenarios[asked?.positionals[0] ?? ''];
  const [seeds, clients, loss] = [asked?.values.seeds, asked?.values.clients, asked?.values.loss].map(countOf);
  const isKnown = scenario !== undefined && seeds !== undefined && clients !== undefined && loss !== undefined;
  if (!isKnown || loss >= 100) {
    print(usage);
    return 2;
  }
  try {
    scenario({ seeds, clients, loss });
    return 0;
  } catch (error) {
    print(`FAILED: ${(error as Error).message}`);
    return 1;
  }
}

function readArguments() {
  try {
    const number = { type: 'string' } as const;
    return parseArgs({ allowPositionals: true, options: { seeds: number, clients: number, loss: number } });
  } catch {
    return undefined;
  }
}

/** Returns a whole number of at least 0, which is 0 when it was not given. */
function countOf(text = '0'): number | undefined {
  return /^\d{1,9}$/.test(text) ? Number(text) : undefined;
}

function pairs({ seeds, loss }: Sizes): void {
  print(
    'Two clients: with how many seeds they connect and do not, and the longest time until the first echo is answered',
  );
  print(
    'or, where none is, until its sender is told so. !: promised, and fails. ?: neither connects nor fails in time.',
  );
  const conditions = {
    'RFC 4380 alone': { extensions: noExtensions },
    'RFC 6081': { extensions: allExtensions },
    'RFC 6081, with TURN behind symmetric NATs (direct+relayed/failed)': { extensions: allExtensions, turn: true },
  };
  const broken = Object.entries(conditions).flatMap(([title, each]) => {
    const table = new PairTable({ seeds: seeds || 100, loss: loss / 100, ...each });
    print(`\n${title}:\n\n${table}`);
    return table.broken.map((pair) => `${pair} (${title})`);
  });
  if (broken.length > 0) throw new Error(`These pairs must connect, or fail in time: ${broken.join(', ')}.`);
}

function contacts(seeds: number, loss: number): void {
  print('First contact with RFC 6081, median/99th percentile in seconds; -: none:');
  print(`\n${contactTimes(seeds, loss)}`);
  print('\nBubbles through servers for each contact after 40 s of silence, and the median until the first answer,');
  print(`without and with server load reduction:\n\n${serverLoads(seeds)}`);
}

function diagnose(seeds: number): void {
  const kinds = Object.keys(natKinds) as NatKind[];
  const paths = { 'no loss': {}, '10 % loss': { loss: 0.1 } };
  const rows = kinds.map((kind) => [kind, ...Object.values(paths).map((core) => verdicts(kind, core, seeds))]);
  print(formatTable([['kind', ...Object.keys(paths)], ...rows]));
}

function verdicts(kind: NatKind, core: Partial<PathQuality>, seeds: number): string {
  const named = new Map<string, number>();
  forEachSeed(seeds, (seed) => {
    const { nat } = probe(internet({ seed, core }), kind).verdict;
    if (nat !== nameNat(natKinds[kind])) throw new Error(`A probe calls ${kind} ${nat}.`);
    named.set(nat, (named.get(nat) ?? 0) + 1);
  });
  return [...named].map(([name, count]) => `${name}, ${count} seeds`).join(' / ');
}

function loss(seeds: number): void {
  const started = performance.now();
  const columns = { clear: {}, rough: roughPath };
  for (const [name, core] of Object.entries(columns)) {
    const qualified: number[] = [];
    const connected: number[] = [];
    let offline = 0;
    const count = forEachSeed(seeds, (seed) => {
      const contact = firstContact(seed, core);
      qualified.push(contact.qualifiedMs);
      connected.push(contact.connectedMs);
      if (contact.offlineCount > 0) offline++;
    });
    print(
      name === 'clear' ? 'No loss:' : '\n30 % loss on each way through the Internet, 20 % reordered by up to 200 ms:',
    );
    print(formatDistribution({ 'both have an address': qualified, 'first echo answered': connected }));
    print(`${connected.length} of ${count} seeds connected; in ${offline} of them somebody was off-line in between.`);
  }
  print(`\n${((performance.now() - started) / 1000).toFixed(1)} s`);
}

function recovery(seeds: number): void {
  for (const interruption of interruptions) {
    const all: Recovery[] = [];
    const count = forEachSeed(seeds, (seed) => void all.push(recoverFrom(interruption, seed)));
    print(`\n${interruption}: time from its end, ${count} seeds`);
    print(
      formatDistribution({
        'new address': all.map((each) => each.addressMs),
        'reaches others': all.map((each) => each.outboundMs),
        'is reached': all.map((each) => each.inboundMs),
        'longest silence': all.map((each) => each.outageMs),
      }),
    );
  }
}

function storms(seeds: number): void {
  const recovered: number[] = [];
  let packets = 0;
  let happenings = 0;
  const count = forEachSeed(seeds, (seed) => {
    const result = storm(seed);
    recovered.push(result.recoveredMs);
    packets += result.packets;
    happenings += Object.values(result.happenings).reduce((sum, count) => sum + count, 0);
  });
  print(`${count} storms, ${happenings} happenings, ${packets} packets; everybody reached everybody afterwards.`);
  print(formatDistribution({ 'one after the other, all pairs': recovered }));
}

function endurance(seeds: number): void {
  print('A week with 5 % loss each way, 4 clients:');
  let lost = 0;
  forEachSeed(seeds, (seed) => {
    const week = lossyWeek(seed, 0.05);
    lost += week.lost;
    print(`  seed ${seed}: ${week.solicitations} solicitations, ${week.lost} addresses given up`);
  });
  print('\n60 % loss to and from the server alone, 2 % between the peers, 5 min of pings both ways:');
  forEachSeed(seeds * 5, (seed) => {
    const [deaf, calm] = [deafServer(seed, 0.6, 300_000), deafServer(seed, 0, 300_000)];
    lost += deaf.lost;
    print(
      `  seed ${seed}: ${deaf.unanswered} of ${deaf.sent} unanswered, ${calm.unanswered} without the server's loss`,
    );
  });
  print('\nThe end of an outage of an hour, until there is an address again:');
  for (const servers of [1, 2, 5]) {
    const times: number[] = [];
    forEachSeed(seeds * 25, (seed) => void times.push(outageEnd(seed, 3_600_000, servers)));
    print(formatDistribution({ [`${servers} servers`]: times }));
  }
  if (lost > 0) throw new Error(`${lost} addresses were given up.`);
}

function scale(clients: number): void {
  const started = performance.now();
  const result = crowd(clients, 1);
  const seconds = (performance.now() - started) / 1000;
  const peakMb = process.resourceUsage().maxRSS / 1024;
  print(
    `${result.clients} clients, ${result.qualified} with an address, ${result.answered} of ${result.pings} pings answered`,
  );
  print(`${result.virtualMs / 1000} s of virtual time in ${seconds.toFixed(1)} s`);
  print(`${result.events} events, ${Math.round(result.events / seconds)} per second; ${result.packets} packets`);
  print(`peak memory ${Math.round(peakMb)} MB`);
  if (result.qualified < result.clients || result.answered < result.pings) throw new Error('Not everything worked.');
}

function million(clients: number): void {
  const started = performance.now();
  const seed = seedOr(1);
  const size = { clients, servers: 8, relays: 16, talkers: 100, startMs: 30_000 };
  const progress = (step: string): void => print(`  ${secondsSince(started)} s, ${memoryMb()} MB: ${step}`);
  print(
    `${clients} clients, 8 servers, 16 relays, seed ${seed}; all start within 30 s, every ${size.talkers}th has traffic`,
  );
  const fleet = new FleetRun(size, seed, (incident) => progress(incidentText(incident)));
  progress('built');
  fleet.start();
  fleet.mappings();
  fleet.relays();
  fleet.servers();
  const { user, system } = process.cpuUsage();
  const processorSeconds = Math.round((user + system) / 1e6);
  const seconds = Number(secondsSince(started));
  print(`\n${fleetText(fleet, { seconds, processorSeconds, memoryMb: memoryMb() })}`);
  const { qualified } = fleet.population;
  if (qualified < clients) throw new Error(`${clients - qualified} clients have no address.`);
  const unfinished = fleet.incidents.filter(({ hit, recoveries }) => recoveries.length < hit).map(({ name }) => name);
  if (unfinished.length > 0) throw new Error(`Not all are back in time: ${unfinished.join(', ')}.`);
}

function secondsSince(started: number): string {
  return ((performance.now() - started) / 1000).toFixed(0);
}

function memoryMb(): number {
  return Math.round(process.resourceUsage().maxRSS / 1024);
}

function print(text: string): void {
  process.stdout.write(`${text}\n`);
}
