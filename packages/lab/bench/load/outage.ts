import type { LoadFigures } from '../../src/load/figures.ts';
import type { RunningLoad, Tell } from './measure.ts';

/** A server of the laboratory that can be ended. */
interface MortalServer {
  readonly address: string;
  readonly program: { kill(): Promise<unknown> };
}

/** The result of the death of some servers. */
export interface OutageResult {
  /** Clients that had an address of a server that died. */
  readonly affected: number;
  /** From the death to the first second in which every client had an address of a survivor. */
  readonly backAfterMs: number;
  /** Addresses that clients lost: each is followed by another one at once, or later. */
  readonly restarts: number;
  /** The most clients without an address in any second. */
  readonly mostWithout: number;
  /** Requests over contacts that were sent and lost meanwhile, also those to addresses that peers had lost. */
  readonly sent: number;
  readonly lost: number;
  /** Solicitations in a second at one server: on average before the death, then the busiest second of a survivor and its average. */
  readonly usual: number;
  readonly peak: number;
  readonly average: number;
}

/** The longest wait for all clients to be back. */
const patienceMs = 180_000;

/** How long the usual rate of solicitations is counted: once the refresh interval. */
const usualMs = 30_000;

/** Ends some servers at once, and waits until their clients have addresses of others. */
export async function endServers(
  load: RunningLoad & { readonly figures: readonly LoadFigures[] },
  servers: readonly MortalServer[],
  count: number,
  tell: Tell,
): Promise<OutageResult> {
  const dead = servers.slice(0, count);
  const survivors = servers.slice(count).map(({ address }) => address);
  tell(`counting the usual solicitations for ${usualMs / 1_000} s`);
  const from = load.figures.length;
  const { served, qualified } = await load.measure(usualMs);
  const before = load.figures.slice(from);
  const affected = dead.reduce((sum, { address }) => sum + (served[address] ?? 0), 0);
  tell(`ending ${count} of ${servers.length} servers, which ${affected} of ${qualified} clients use`);
  load.order({ kind: 'reset' });
  const known = load.figures.length;
  const diedAt = performance.now();
  await Promise.all(dead.map(({ program }) => program.kill()));
  const isBack = (figures: LoadFigures) =>
    figures.qualified === figures.clients && dead.every(({ address }) => figures.served[address] === undefined);
  const last = await load.until('addresses of the other servers for all clients', isBack, patienceMs);
  const backAfterMs = performance.now() - diedAt;
  const seconds = load.figures.slice(known);
  const rates = seconds.flatMap(({ solicitations }) => survivors.map((address) => solicitations[address] ?? 0));
  const usual = before.flatMap(({ solicitations }) => servers.map(({ address }) => solicitations[address] ?? 0));
  return {
    affected,
    backAfterMs,
    restarts: last.restarts,
    sent: last.sent,
    lost: last.lost,
    mostWithout: Math.max(...seconds.map(({ clients, qualified: present }) => clients - present)),
    usual: mean(usual),
    peak: Math.max(...rates),
    average: mean(rates),
  };
}

/** Renders the result for a terminal. */
export function renderOutage(outage: OutageResult): string {
  const { affected, backAfterMs, restarts, mostWithout, sent, lost, usual, peak, average } = outage;
  return [
    `clients of the servers that died      ${affected}`,
    `all have other addresses after        ${(backAfterMs / 1_000).toFixed(1)} s`,
    `addresses lost meanwhile              ${restarts}`,
    `clients without an address, at most   ${mostWithout}`,
    `requests lost meanwhile               ${lost} of ${sent}`,
    `solicitations in a second at a server ${usual.toFixed(1)} before`,
    `  at a survivor until all were back   ${average.toFixed(1)} on average, ${peak} at most: ${(peak / average).toFixed(1)} times`,
  ].join('\n');
}

function mean(values: readonly number[]): number {
  return values.reduce((sum, value) => sum + value, 0) / values.length;
}
