import type { Laboratory } from '../../src/laboratory.ts';
import type { Namespace } from '../../src/network/namespace.ts';
import { Program } from '../../src/programs/program.ts';

/** The ends of a load, and the address of the receiver. */
export interface LoadEnds {
  readonly from: Namespace;
  readonly to: Namespace;
  readonly address: string;
}

/** The losses of a load during an action. */
interface Losses {
  /** Datagrams of 1000 octets, 1000 in a second. */
  readonly lost: number;
  readonly sent: number;
  /** The longest time without an echo reply; 50 requests in a second. */
  readonly gapSeconds: number;
  /** The time in which nothing of a TCP stream arrived. */
  readonly stillSeconds: number;
}

/** How long a load runs, and when the action begins. */
const lastingSeconds = 15;
const quietMs = 3_000;

const intervalSeconds = 0.1;

const sleep = (ms: number) => new Promise((resolve) => setTimeout(resolve, ms));

/** Sends datagrams, echo requests and a TCP stream, acts, and tells what was lost. */
export async function lossesDuring(laboratory: Laboratory, ends: LoadEnds, act: () => Promise<void>): Promise<Losses> {
  const { from, address } = ends;
  const udp = await startStream(laboratory, ends, 5201, ['-u', '-b', '8M', '-l', '1000']);
  const tcp = await startStream(laboratory, ends, 5202, ['-b', '20M']);
  const args = ['-6', '-n', '-D', '-i', '0.02', '-c', String(50 * lastingSeconds), '-W', '2', address];
  const echo = Program.start(laboratory, from, { name: 'ping', command: 'ping', args });
  await sleep(quietMs);
  await act();
  await echo.ended;
  const [udpReport, tcpReport] = [await udp.report(), await tcp.report()];
  const times = [...echo.output.matchAll(/^\[([\d.]+)\] \d+ bytes from/gm)].map(([, time]) => Number(time));
  const gaps = times.slice(1).map((time, index) => time - times[index]!);
  const still = (tcpReport.intervals ?? []).filter(({ sum }) => (sum?.bytes ?? 0) === 0).length;
  const sum = udpReport.end?.sum;
  return {
    lost: sum?.lost_packets ?? Number.NaN,
    sent: sum?.packets ?? Number.NaN,
    gapSeconds: Math.max(0, ...gaps),
    stillSeconds: still * intervalSeconds,
  };
}

interface Report {
  readonly intervals?: readonly { readonly sum?: { readonly bytes?: number } }[];
  readonly end?: { readonly sum?: { readonly lost_packets?: number; readonly packets?: number } };
}

/** Starts a stream of iperf3; the report is that of the receiver. */
async function startStream(
  laboratory: Laboratory,
  { from, to, address }: LoadEnds,
  port: number,
  flags: readonly string[],
): Promise<{ report: () => Promise<Report> }> {
  const common = ['-p', String(port), '-i', String(intervalSeconds)];
  const server = Program.start(laboratory, to, {
    name: `iperf3 -s on ${to.label}`,
    command: 'iperf3',
    args: ['-s', '-1', '-J', ...common],
  });
  // With -J it says nothing until the end.
  await sleep(500);
  const client = Program.start(laboratory, from, {
    name: `iperf3 on ${from.label}`,
    command: 'iperf3',
    args: ['-6', '-c', address, '-t', String(lastingSeconds), ...flags, ...common],
  });
  return {
    report: async () => {
      await client.ended;
      await server.ended;
      return JSON.parse(server.output) as Report;
    },
  };
}
