import { LabError } from '../lab-error.ts';
import type { Laboratory } from '../laboratory.ts';
import type { Namespace } from '../network/namespace.ts';
import type { Place } from '../network/place.ts';
import { Program } from '../programs/program.ts';

/** How long a stream is: seconds, before which it may run for some that do not count, or megabytes. */
export type StreamLength =
  | { readonly seconds: number; readonly warmUpSeconds?: number }
  | { readonly megabytes: number };

/** Returns the megabits per second that arrive over parallel TCP streams of iperf3, one by default. */
export async function tcpMegabits(
  laboratory: Laboratory,
  from: Namespace,
  to: Place,
  load: StreamLength & { readonly streams?: number },
): Promise<number> {
  const amount =
    'seconds' in load
      ? ['-t', String(load.seconds), '-O', String(load.warmUpSeconds ?? 0)]
      : ['-n', `${load.megabytes}M`];
  const report = await iperf(laboratory, from, to, [...amount, '-P', String(load.streams ?? 1)]);
  return present(report.end?.sum_received?.bits_per_second, report) / 1e6;
}

interface IperfReport {
  readonly error?: string;
  readonly end?: { readonly sum_received?: { readonly bits_per_second?: number } };
}

async function iperf(
  laboratory: Laboratory,
  from: Namespace,
  { host, address }: Place,
  args: readonly string[],
): Promise<IperfReport> {
  const name = `iperf3 on ${host.label}`;
  const server = Program.start(laboratory, host, { name, command: 'iperf3', args: ['-s', '-1', '--forceflush'] });
  await server.line(/listening/i);
  const result = await from.runBeside('iperf3', ['-6', '-c', address, ...args, '-J'], {
    timeoutMs: 120_000,
    tolerant: true,
  });
  await server.stop();
  return JSON.parse(result.stdout || '{}') as IperfReport;
}

function present(value: number | undefined, report: IperfReport): number {
  if (value === undefined) throw new LabError(`iperf3 measured nothing: ${report.error ?? 'it gave no report'}`);
  return value;
}
