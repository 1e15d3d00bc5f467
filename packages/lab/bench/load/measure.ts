import { LabError } from '../../src/lab-error.ts';
import type { LoadFigures } from '../../src/load/figures.ts';
import type { LoadOrder } from '../../src/load/settings.ts';

/** A generator that runs, on a machine of the laboratory or in this process. */
export interface RunningLoad {
  until(what: string, holds: (figures: LoadFigures) => boolean, timeoutMs: number): Promise<LoadFigures>;
  order(order: LoadOrder): void;
  measure(ms: number): Promise<LoadFigures>;
}

export interface LoadPlan {
  readonly clients: number;
  readonly startsPerSecond: number;
  readonly rate: number;
  readonly seconds: number;
}

/** Where the lines about progress go. */
export type Tell = (line: string) => void;

/** The longest wait for clients and contacts, beside the time in which they start: two attempts at a silent server. */
const patienceMs = 30_000;

/** Waits until all clients have addresses, and their contacts have answered. Goes on with those that do when some do not. */
export async function opened(load: RunningLoad, plan: LoadPlan, tell: Tell): Promise<LoadFigures> {
  const { clients, startsPerSecond } = plan;
  const startingMs = (1_000 * clients) / startsPerSecond;
  const giveUpAfter = (ms: number) => {
    const giveUpAt = performance.now() + ms;
    return () => performance.now() > giveUpAt;
  };
  let isLate = giveUpAfter(startingMs + patienceMs);
  const all = ({ qualified }: LoadFigures) => qualified === clients || isLate();
  const first = await load.until('addresses', all, Number.POSITIVE_INFINITY);
  tell(`${first.qualified} of ${clients} clients have an address after ${first.seconds.toFixed(1)} s${reasons(first)}`);
  if (first.qualified === 0) {
    throw new LabError(
      `No client got an address${reasons(first)}: is the server's address right, and does UDP port 3544 reach it?`,
    );
  }
  isLate = giveUpAfter(startingMs + patienceMs);
  const last = await load.until(
    'contacts',
    ({ open, contacts }) => open === contacts || isLate(),
    Number.POSITIVE_INFINITY,
  );
  tell(`${last.open} of ${last.contacts} contacts answered after ${last.seconds.toFixed(1)} s`);
  return last;
}

/** Begins to send requests, counts for the time of the plan, and returns the counts. */
export async function carry(load: RunningLoad, { rate, seconds }: LoadPlan): Promise<LoadFigures> {
  load.order({ kind: 'rate', perSecond: rate });
  // The first seconds are those of compilers and caches.
  await load.measure(warmUpMs);
  return load.measure(1_000 * seconds);
}

const warmUpMs = 2_000;

/** Returns why attempts failed, to go behind a sentence. */
function reasons({ failures }: LoadFigures): string {
  const all = Object.entries(failures).map(([reason, count]) => `${reason} ${count} times`);
  return all.length === 0 ? '' : ` (${all.join(', ')})`;
}
