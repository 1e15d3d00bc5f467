import type { Quantiles } from '../../src/load/figures.ts';

/** Returns quantiles as they stand in a table. */
export function times(quantiles: Quantiles | undefined): string {
  if (quantiles === undefined) return 'none';
  const [median, p99, longest] = [quantiles.median, quantiles.p99, quantiles.longest].map(milliseconds);
  return `median ${median}, p99 ${p99}, longest ${longest}`;
}

function milliseconds(ms: number): string {
  return ms < 10 ? `${ms.toFixed(2)} ms` : `${ms.toFixed(0)} ms`;
}
