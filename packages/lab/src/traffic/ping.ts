import { LabError } from '../lab-error.ts';
import type { Namespace } from '../network/namespace.ts';

export interface PingResult {
  readonly sent: number;
  readonly received: number;
  /** Round-trip times in milliseconds, in the order of arrival. */
  readonly roundTripsMs: readonly number[];
}

export interface PingOptions {
  readonly count: number;
  readonly intervalMs?: number;
  /** How long to wait for the last answers. */
  readonly patienceMs?: number;
  /** An address of the machine; routing's choice if undefined. */
  readonly source?: string | undefined;
}

/** ICMPv6 echo from a machine; lost packets are counted, not an error. */
export async function ping(from: Namespace, address: string, options: PingOptions): Promise<PingResult> {
  const { count, intervalMs = 200, patienceMs = 5000, source } = options;
  const from6 = source === undefined ? [] : ['-I', source];
  const args = ['-6', '-n', ...from6, '-c', count, '-i', intervalMs / 1000, '-W', patienceMs / 1000, address];
  const result = await from.runBeside('ping', args.map(String), {
    tolerant: true,
    timeoutMs: count * intervalMs + patienceMs + 5000,
  });
  const counts = /(\d+) packets transmitted, (\d+) received/.exec(result.stdout);
  if (counts === null) throw new LabError(`ping from ${from.label} to ${address}: ${result.stderr || result.stdout}`);
  const roundTripsMs = [...result.stdout.matchAll(/time=([\d.]+) ms/g)].map((match) => Number(match[1]));
  return { sent: Number(counts[1]), received: Number(counts[2]), roundTripsMs };
}

/**
 * Waits for the first answer over an unused path, within `patienceMs`: sends single requests until one is answered.
 * `attempts` is their number.
 */
export async function firstPing(
  from: Namespace,
  address: string,
  patienceMs: number,
  source?: string,
): Promise<{ readonly attempts: number; readonly roundTripMs: number }> {
  const giveUpAt = performance.now() + patienceMs;
  for (let attempts = 1; ; attempts += 1) {
    const [roundTripMs] = (await ping(from, address, { count: 1, patienceMs: 3000, source })).roundTripsMs;
    if (roundTripMs !== undefined) return { attempts, roundTripMs };
    if (performance.now() > giveUpAt) {
      throw new LabError(`${address} did not answer ${from.label} in ${attempts} attempts over ${patienceMs} ms.`);
    }
  }
}
