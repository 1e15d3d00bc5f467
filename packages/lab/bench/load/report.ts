import type { LoadFigures, Quantiles } from '../../src/load/figures.ts';
import { type OutageResult, renderOutage } from './outage.ts';
import type { Usage } from './usage.ts';

/** The result of a load. */
export interface LoadResult {
  readonly opened: LoadFigures;
  readonly carried: LoadFigures;
  /** Empty where the programs run elsewhere. */
  readonly usage: readonly Usage[];
  /** The death of some servers, if that was asked for. */
  readonly outage?: OutageResult | undefined;
}

/** Renders the result for a terminal. */
export function renderLoad({ opened, carried, usage, outage }: LoadResult): string {
  const { countedSeconds, sent, answered, lost, unsent } = carried;
  const perSecond = (count: number) => Math.round(count / countedSeconds);
  const rows: readonly (readonly [string, string])[] = [
    ['clients with an address', `${opened.qualified} of ${opened.clients}`],
    ['  each after', times(opened.qualifiedMs)],
    ['contacts answered', `${opened.open} of ${opened.contacts}`],
    ['  each after', times(opened.openedMs)],
    ['requests sent', `${perSecond(sent)} a second`],
    ['answered', `${perSecond(answered)} a second`],
    ['lost', `${lost} of ${sent}${sent === 0 ? '' : ` (${((100 * lost) / sent).toFixed(3)} %)`}`],
    ...(unsent === 0 ? [] : [['not sent, the generator was too busy', String(unsent)] as const]),
    ['round trip', times(carried.rttMs)],
    ['longest gap of a contact', times(carried.gapMs)],
    ['addresses lost meanwhile', String(carried.restarts)],
  ];
  const width = Math.max(...rows.map(([name]) => name.length));
  const lines = rows.map(([name, value]) => `${name.padEnd(width)}  ${value}`);
  const used = usage.map(
    ({ name, megabytes, share }) =>
      `${name.padEnd(width)}  ${megabytes.toFixed(0).padStart(5)} MB  ${(100 * share).toFixed(0).padStart(4)} % of a processor`,
  );
  const parts = [lines, used, outage === undefined ? [] : [renderOutage(outage)]];
  return parts
    .filter((part) => part.length > 0)
    .map((part) => part.join('\n'))
    .join('\n\n');
}

function times(quantiles: Quantiles | undefined): string {
  if (quantiles === undefined) return 'none';
  const [median, p99, longest] = [quantiles.median, quantiles.p99, quantiles.longest].map(milliseconds);
  return `median ${median}, p99 ${p99}, longest ${longest}`;
}

function milliseconds(ms: number): string {
  return ms < 10 ? `${ms.toFixed(2)} ms` : `${ms.toFixed(0)} ms`;
}
