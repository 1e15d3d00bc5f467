import type { Quantiles } from '../figures.ts';

/** Steps of the histogram between a number and its double: each is 4.4 % wide. */
const stepsPerDouble = 16;
const doubles = 40;
/** Values up to this one are in the first step, in milliseconds. */
const least = 0.001;

/** Returns the quantiles of values, which it sorts; undefined without values. */
export function quantilesOf(values: Float64Array): Quantiles | undefined {
  const { length } = values.sort();
  if (length === 0) return undefined;
  const at = (share: number) => values[Math.ceil(length * share) - 1]!;
  return { median: at(0.5), p99: at(0.99), longest: at(1) };
}

/** Counts values in steps, in a fixed memory. */
export class Histogram {
  readonly #counts: Uint32Array = new Uint32Array(stepsPerDouble * doubles);
  #total = 0;
  #longest = 0;

  add(value: number): void {
    const step = Math.ceil(stepsPerDouble * Math.log2(value / least));
    this.#counts[Math.max(0, Math.min(step, this.#counts.length - 1))]! += 1;
    this.#total += 1;
    this.#longest = Math.max(value, this.#longest);
  }

  clear(): void {
    this.#counts.fill(0);
    this.#total = 0;
    this.#longest = 0;
  }

  /** Returns the upper bounds of the steps in which the quantiles are, and the longest value; undefined without values. */
  quantiles(): Quantiles | undefined {
    if (this.#total === 0) return undefined;
    return { median: this.#quantile(0.5), p99: this.#quantile(0.99), longest: this.#longest };
  }

  #quantile(share: number): number {
    let above = Math.ceil(this.#total * share);
    let step = 0;
    for (; above > this.#counts[step]!; step += 1) above -= this.#counts[step]!;
    return Math.min(this.#longest, least * 2 ** (step / stepsPerDouble));
  }
}
