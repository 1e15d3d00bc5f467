import type { Carriage } from '../../src/network/link.ts';
import { alignColumns } from '../columns.ts';
import type { Contestant, Sample } from '../contestants.ts';
import type { Scene } from '../scene.ts';
import { median } from '../statistics.ts';
import { comparisonOf, ratiosByRound } from '../summary.ts';

/** The two rows of rounds: the first looks at all figures, the second at those that were worse in the first. */
export const firstRounds = 6;
export const secondRounds = 12;

/** Our choice: a median that is worse by less is no regression. */
const leastLoss = 0.05;

/** The result of the rounds of one figure. */
export interface Verdict {
  readonly measure: string;
  readonly group: string | undefined;
  readonly scene: Scene;
  readonly carriage: Carriage;
  /** How many times better than before in each round, below 1 is worse. */
  readonly ratios: readonly number[];
  readonly medianRatio: number;
  /** Present before, and absent after. */
  readonly isMissing: boolean;
  readonly isWorse: boolean;
}

/**
 * Judges each figure. It is worse when the median of its ratios is below 0.95 and the rounds agree: all of fewer than twelve, all but one
 * of twelve and more. A figure that only the commit before has is worse, too.
 */
export function judge(samples: readonly Sample[]): readonly Verdict[] {
  const keys = new Map(samples.map((sample) => [keyOf(sample), sample]));
  return [...keys.values()].map(({ measure, group, scene, carriage }) => {
    const own = samples.filter((sample) => keyOf(sample) === keyOf({ measure, scene, carriage }));
    const has = (contestant: Contestant) => own.some((sample) => sample.contestant === contestant);
    const ratios = ratiosByRound(own, comparisonOf(measure));
    const isMissing = has('before') && !has('navalis');
    return {
      measure,
      group,
      scene,
      carriage,
      ratios,
      medianRatio: median(ratios),
      isMissing,
      isWorse: isMissing || isWorse(ratios),
    };
  });
}

function isWorse(ratios: readonly number[]): boolean {
  const disagreeing = ratios.filter((ratio) => ratio >= 1).length;
  const tolerated = Math.floor(ratios.length / secondRounds);
  return ratios.length > 0 && median(ratios) < 1 - leastLoss && disagreeing <= tolerated;
}

/** Returns the figures that were worse in the first rounds and, measured afresh, in the second. */
export function regressions(first: readonly Verdict[], second: readonly Verdict[]): readonly Verdict[] {
  const again = new Map(second.map((verdict) => [keyOf(verdict), verdict]));
  return first.flatMap((verdict) => {
    const repeated = again.get(keyOf(verdict));
    if (!verdict.isWorse) return [];
    // Neither commit has it in the second rounds: nothing took the first result back.
    if (repeated === undefined) return [verdict];
    return repeated.isWorse ? [repeated] : [];
  });
}

/** Renders verdicts as a table. */
export function renderVerdicts(verdicts: readonly Verdict[]): string {
  const lines = verdicts.map(({ measure, carriage, ratios, medianRatio, isMissing, isWorse: worse }) => {
    if (isMissing) return [measure, carriage, 'no figure', '', 'MISSING'];
    const range = `${Math.min(...ratios).toFixed(2)} to ${Math.max(...ratios).toFixed(2)}`;
    return [measure, carriage, medianRatio.toFixed(2), range, worse ? `WORSE by ${percentOf(medianRatio)}` : 'good'];
  });
  return alignColumns([['measure', 'link', 'times before', 'in each round', 'verdict'], ...lines]);
}

function percentOf(ratio: number): string {
  return `${Math.round(100 * (1 - ratio))} %`;
}

function keyOf({ measure, scene, carriage }: Pick<Sample, 'measure' | 'scene' | 'carriage'>): string {
  return `${scene}|${carriage}|${measure}`;
}
