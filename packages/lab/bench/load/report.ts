import type { LoadFigures } from '../../src/load/figures.ts';
import { type OneAddressResult, renderOneAddress } from './one-address.ts';
import { type OutageResult, renderOutage } from './outage.ts';
import { times } from './times.ts';
import type { Usage } from './usage.ts';

/** The result of a load. */
export interface LoadResult {
  readonly opened: LoadFigures;
  readonly carried: LoadFigures;
  /** Empty where the programs run elsewhere. */
  readonly usage: readonly Usage[];
  /** Those at another address, where all share one. */
  readonly oneAddress?: OneAddressResult | undefined;
  /** The death of some servers, if that was asked for. */
  readonly outage?: OutageResult | undefined;
}

/** Renders the result for a terminal. */
export function renderLoad({ opened, carried, usage, oneAddress, outage }: LoadResult): string {
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
  const each = (share: number) =>
    answered === 0 ? '' : `, ${((1e6 * share) / (answered / countedSeconds)).toFixed(0)} us for each request`;
  const used = usage.map(
    ({ name, megabytes, share }) =>
      `${name.padEnd(width)}  ${megabytes.toFixed(0).padStart(5)} MB  ${(100 * share).toFixed(0).padStart(4)} % of a processor${each(share)}`,
  );
  const parts = [
    lines,
    used,
    oneAddress === undefined ? [] : [renderOneAddress(oneAddress)],
    outage === undefined ? [] : [renderOutage(outage)],
  ];
  return parts
    .filter((part) => part.length > 0)
    .map((part) => part.join('\n'))
    .join('\n\n');
}
