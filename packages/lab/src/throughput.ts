import { LabError } from './lab-error.ts';
import type { Laboratory } from './laboratory.ts';
import type { Namespace } from './namespace.ts';
import { Program } from './program.ts';

interface IperfReport {
  readonly error?: string;
  readonly end?: { readonly sum_received?: { readonly bits_per_second?: number } };
}

/** How long a stream is: seconds, or megabytes. */
export type StreamLength = { readonly seconds: number } | { readonly megabytes: number };

/** Megabits per second that one TCP stream of iperf3 carries from a machine to an address of another. */
export async function throughput(
  laboratory: Laboratory,
  from: Namespace,
  to: Namespace,
  address: string,
  length: StreamLength,
): Promise<number> {
  const name = `iperf3 on ${to.label}`;
  const server = Program.start(laboratory, to, { name, command: 'iperf3', args: ['-s', '-1', '--forceflush'] });
  await server.line(/listening/i);
  const amount = 'seconds' in length ? ['-t', String(length.seconds)] : ['-n', `${length.megabytes}M`];
  const args = ['-6', '-c', address, ...amount, '-J'];
  const result = await from.runBeside('iperf3', args, { timeoutMs: 60_000, tolerant: true });
  const report = JSON.parse(result.stdout || '{}') as IperfReport;
  const bits = report.end?.sum_received?.bits_per_second;
  if (bits === undefined)
    throw new LabError(`iperf3 from ${from.label} to ${address}: ${report.error ?? result.stderr}`);
  return bits / 1e6;
}
