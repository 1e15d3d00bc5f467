import { parseArgs } from 'node:util';
import { LabError } from '../src/lab-error.ts';
import { Laboratory } from '../src/laboratory.ts';
import { serverAddress, webIpv6Address } from '../src/network/address-plan.ts';
import { Internet } from '../src/network/internet.ts';
import { ensurePrivileges } from '../src/privileges.ts';
import { launch, type Navalis } from '../src/programs/navalis.ts';
import { tcpMegabits } from '../src/traffic/iperf.ts';
import { firstPing } from '../src/traffic/ping.ts';
import { type CollectorPause, pausesIn, traceScript } from './collector-pauses.ts';
import { runCommand } from './command.ts';
import { residentMegabytes } from './process-usage.ts';

const help = `Usage: npm run soak [-- FLAGS]

Sends at full speed through our client, server and relay, in turns up and down, and tells what memory the programs take
and how long their garbage collector stops the thread that moves packets. Needs root.

  --minutes N  how long (10)
  --help       this text`;

/** The length of one stream, and the time between two measurements of memory. */
const streamSeconds = 15;

/** The warm-up before the first comparison: caches fill, code is compiled. */
const warmUpStreams = 2;

/** A pause that would show in a call or a game. */
const longMs = 5;

async function main(): Promise<void> {
  const { values } = parseArgs({ options: { minutes: { type: 'string', default: '10' }, help: { type: 'boolean' } } });
  if (values.help) return void process.stdout.write(`${help}\n`);
  const minutes = Number(values.minutes);
  if (!(minutes >= 1 && minutes <= 10_000)) {
    throw new LabError(`--minutes is "${values.minutes}"; it must be a number from 1 to 10000.`);
  }
  await ensurePrivileges();
  const laboratory = new Laboratory();
  try {
    await soak(laboratory, Math.ceil((60 * minutes) / streamSeconds));
  } finally {
    await laboratory.close();
  }
}

async function soak(laboratory: Laboratory, streams: number): Promise<void> {
  const internet = new Internet(laboratory);
  const web = { host: internet.webHost(), address: webIpv6Address };
  const start = (...[host, role, flags]: [Navalis['host'], Navalis['role'], readonly string[]]) =>
    launch(laboratory, host, role, { flags, environment: { NODE_OPTIONS: `--require=${traceScript(laboratory)}` } });
  const server = start(internet.serverHost(), 'server', ['--primary-address', serverAddress, '--rate-limit', 'off']);
  await server.program.line(/Listening on/);
  const relay = start(internet.relayHost(), 'relay', ['--rate-limit', 'off']);
  await relay.program.line(/Relaying/);
  const client = start(internet.home().host, 'client', ['--server', serverAddress]);
  const [, address = ''] = await client.program.line(/Teredo address (2001:[0-9a-f:]+): /);
  await firstPing(client.host, webIpv6Address, 20_000);

  const watched = [client, relay].map(watch);
  let megabits = 0;
  for (let stream = 0; stream < streams; stream++) {
    const up = stream % 2 === 0;
    const [from, to] = up ? [client.host, web] : [web.host, { host: client.host, address }];
    const speed = await tcpMegabits(laboratory, from, to, { seconds: streamSeconds });
    megabits += speed;
    const memory = watched.map(look).join(', ');
    process.stdout.write(
      `${(stream + 1) * streamSeconds} s: ${up ? 'up' : 'down'} ${speed.toFixed(0)} Mbit/s; ${memory}\n`,
    );
  }
  const gigabits = (megabits / streams / 1_000).toFixed(2);
  process.stdout.write(`\n${streams * streamSeconds} s, ${gigabits} Gbit/s on average\n`);
  for (const each of watched) tell(each);
}

/** A program under load. */
interface Watched {
  readonly navalis: Navalis;
  /** The length of its output when the load began. */
  readonly outputBefore: number;
  /** Resident megabytes after each stream. */
  readonly memory: number[];
}

function watch(navalis: Navalis): Watched {
  return { navalis, outputBefore: navalis.program.output.length, memory: [] };
}

function look({ navalis, memory }: Watched): string {
  const megabytes = residentMegabytes(navalis.program.pid);
  memory.push(megabytes);
  return `${navalis.role} ${megabytes.toFixed(1)} MB`;
}

function tell({ navalis, outputBefore, memory: all }: Watched): void {
  const memory = all.slice(warmUpStreams);
  const half = Math.ceil(memory.length / 2);
  const [before, after] = [memory.slice(0, half), memory.slice(half)].map((part) => Math.max(...part).toFixed(1));
  process.stdout.write(`${navalis.role}: at most ${before} MB in the first half, ${after} MB in the second\n`);
  for (const [thread, pauses] of pausesIn(navalis.program.output, outputBefore)) {
    process.stdout.write(`  ${thread}: ${summary(pauses)}\n`);
  }
}

function summary(pauses: readonly CollectorPause[]): string {
  const inOrder = pauses.toSorted((one, other) => one.ms - other.ms);
  const [median, longest] = [inOrder[inOrder.length >> 1], inOrder.at(-1)];
  if (median === undefined || longest === undefined) return 'no collection under load';
  const long = inOrder.filter(({ ms }) => ms > longMs).length;
  return `${pauses.length} collections under load: median ${median.ms.toFixed(2)} ms, longest ${longest.ms.toFixed(2)} ms (${longest.kind}), ${long} above ${longMs} ms`;
}

await runCommand(main);
