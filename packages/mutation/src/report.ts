import { isNoticed } from './job.ts';
import type { PackageRun, Tried } from './package-run.ts';

export interface Score {
  readonly name: string;
  /** Those that count: they can be loaded, and nobody justified them. */
  readonly mutants: number;
  readonly noticed: number;
  readonly justified: number;
  readonly percent: number;
}

/** Counts for the score and went unnoticed. */
export function isSurvivor(tried: Tried): boolean {
  return tried.reason === undefined && (tried.state === 'survived' || tried.state === 'not covered');
}

export function scoreOf({ name, tried }: PackageRun): Score {
  const counting = tried.filter((each) => each.reason === undefined && each.state !== 'not runnable');
  const noticed = counting.filter(({ state }) => isNoticed(state)).length;
  return {
    name,
    mutants: counting.length,
    noticed,
    justified: tried.filter((each) => each.reason !== undefined).length,
    percent: counting.length === 0 ? 100 : (100 * noticed) / counting.length,
  };
}

/** One line for people: the score of a package. */
export function formatScore(run: PackageRun): string {
  const { name, mutants, noticed, justified, percent } = scoreOf(run);
  // Rounded down: 100 % means all.
  const shown = (Math.floor(percent * 10) / 10).toFixed(1);
  return (
    `${name.padEnd(14)} ${shown.padStart(5)} %  ${noticed} of ${mutants} mutants noticed, ` +
    `${justified} justified, ${run.seconds.toFixed(0)} s`
  );
}

/** Returns the findings for a person to review: survivors, and mutants that were justified or left out without need. */
export function formatFindings(run: PackageRun): string[] {
  const needless = run.tried.filter((each) => each.reason !== undefined && isNoticed(each.state));
  return [
    ...run.tried.filter(isSurvivor).map(formatMutant),
    ...needless.map((each) => `justified, but noticed: ${formatMutant(each)} (${each.test ?? each.state})`),
    ...run.unstable.map((name) => `left out, as it does not pass twice without a change: ${name}`),
  ];
}

function formatMutant({ mutant, state }: Tried): string {
  const { file, line, column, mutator, original, replacement } = mutant;
  return `${state}: ${file}:${line}:${column} ${mutator}: ${oneLine(original)} => ${oneLine(replacement)}`;
}

function oneLine(code: string): string {
  const text = code.replace(/\s+/g, ' ');
  return text.length > 100 ? `${text.slice(0, 97)}...` : text;
}
