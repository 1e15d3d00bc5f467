import type { LoadFigures } from '../../src/load/figures.ts';
import type { LoadGenerator } from '../../src/load/load-generator.ts';
import type { Navalis } from '../../src/programs/navalis.ts';
import { times } from './times.ts';

/** Clients at another address, while many share one. */
export const otherClients = 50;
export const otherStartsPerSecond = 10;
const otherRate = 100;

/** The result for those that share an address, and for the others. */
export interface OneAddressResult {
  /** Solicitations that servers did not answer because of the limit for each address. */
  readonly refused: number;
  readonly others: LoadFigures;
}

/** Has the other clients send requests too. */
export function beginOthers(others: LoadGenerator): void {
  others.order({ kind: 'rate', perSecond: otherRate });
}

export async function endOthers(others: LoadGenerator, servers: readonly Navalis[]): Promise<OneAddressResult> {
  const states = await Promise.all(servers.map((server) => server.status()));
  const refused = states.reduce((sum, { counters }) => sum + (counters.drops['rate-limited'] ?? 0), 0);
  return { refused, others: await others.stop() };
}

/** Renders the result for a terminal. */
export function renderOneAddress({ refused, others }: OneAddressResult): string {
  return [
    `solicitations beyond the limit of an address   ${refused}`,
    `clients at another address                     ${others.qualified} of ${others.clients} have an address`,
    `  each after                                   ${times(others.qualifiedMs)}`,
    `  requests lost                                ${others.lost} of ${others.sent}`,
  ].join('\n');
}
