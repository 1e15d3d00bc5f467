import type { Carriage } from '../src/network/link.ts';
import type { Contestant, Sample } from './contestants.ts';
import { kindOf } from './measures.ts';
import type { Scene } from './scene.ts';
import { median } from './statistics.ts';

/** One line of the result: medians over all rounds, and their ratios. */
export interface SummaryRow {
  readonly measure: string;
  readonly scene: Scene;
  readonly carriage: Carriage;
  readonly unit: string;
  readonly medians: Readonly<Partial<Record<Contestant, number>>>;
  /** How many times better than miredo; below 1 is worse. */
  readonly timesMiredo: number | undefined;
  /** How many times better than the other checkout: the median over the rounds and, of all rounds, the range. */
  readonly timesBefore: { readonly median: number; readonly least: number; readonly most: number } | undefined;
  /** The share of the link's figure without a tunnel. */
  readonly shareOfLink: number | undefined;
}

/** Returns a row for each measure, in the order of their first samples. */
export function summarise(samples: readonly Sample[]): readonly SummaryRow[] {
  const keys = [...new Set(samples.map(({ scene, carriage, measure }) => `${scene}|${carriage}|${measure}`))];
  return keys.map((key) => {
    const [scene, carriage, measure] = key.split('|') as [Scene, Carriage, string];
    const own = samples.filter(
      (each) => each.measure === measure && each.carriage === carriage && each.scene === scene,
    );
    const { unit } = kindOf(measure);
    const medianOf = (contestant: Contestant): number | undefined => {
      const values = own.filter((each) => each.contestant === contestant).map(({ value }) => value);
      return values.length === 0 ? undefined : median(values);
    };
    const [navalis, before, miredo, link] = [
      medianOf('navalis'),
      medianOf('before'),
      medianOf('miredo'),
      medianOf('link'),
    ];
    const better = comparisonOf(measure);
    return {
      measure,
      scene,
      carriage,
      unit,
      medians: {
        ...(navalis !== undefined && { navalis }),
        ...(before !== undefined && { before }),
        ...(miredo !== undefined && { miredo }),
        ...(link !== undefined && { link }),
      },
      timesMiredo: navalis === undefined || miredo === undefined ? undefined : better(navalis, miredo),
      timesBefore: before === undefined ? undefined : rangeOf(ratiosByRound(own, better)),
      shareOfLink: navalis === undefined || link === undefined ? undefined : better(navalis, link),
    };
  });
}

/** Returns a function that says how many times better one figure of a measure is than another. */
export function comparisonOf(measure: string): (one: number, other: number) => number {
  const { moreIsBetter } = kindOf(measure);
  return (one, other) => (moreIsBetter ? one / other : other / one);
}

/**
 * Compares ours with the other checkout's within each round, in which the machine had the same speed for both: medians of each
 * over all rounds would compare different minutes.
 */
export function ratiosByRound(
  samples: readonly Sample[],
  better: (one: number, other: number) => number,
): readonly number[] {
  const rounds = [...new Set(samples.map(({ round }) => round))];
  const medianIn = (round: number, contestant: Contestant): number =>
    median(samples.filter((each) => each.round === round && each.contestant === contestant).map(({ value }) => value));
  return rounds
    .map((round) => better(medianIn(round, 'navalis'), medianIn(round, 'before')))
    .filter((ratio) => !Number.isNaN(ratio));
}

function rangeOf(ratios: readonly number[]): SummaryRow['timesBefore'] {
  if (ratios.length === 0) return undefined;
  return { median: median(ratios), least: Math.min(...ratios), most: Math.max(...ratios) };
}

/** Formats a number with three significant digits. */
export function shortNumber(value: number): string {
  if (!Number.isFinite(value)) return '-';
  return value >= 100
    ? value.toFixed(0)
    : value >= 10
      ? value.toFixed(1)
      : value >= 1
        ? value.toFixed(2)
        : value.toFixed(3);
}
