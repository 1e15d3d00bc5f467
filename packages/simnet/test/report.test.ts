import { describe, expect, it } from 'vitest';
import { formatDistribution, percentile } from '../src/report.ts';

describe('report', () => {
  it('percentiles are values that occurred', () => {
    const hundred = Array.from({ length: 100 }, (_, index) => index + 1);
    expect([0, 0.5, 0.9, 0.99, 1].map((share) => percentile(hundred, share))).toEqual([1, 50, 90, 99, 100]);
    expect([0, 0.5, 1].map((share) => percentile([7], share))).toEqual([7, 7, 7]);
  });

  it('a distribution is a table', () => {
    expect(formatDistribution({ first: [3, 1, 2], other: [12_345] })).toBe(
      [
        '          min  median     p90     p99     max',
        'first    1 ms    2 ms    3 ms    3 ms    3 ms',
        'other  12.3 s  12.3 s  12.3 s  12.3 s  12.3 s',
      ].join('\n'),
    );
  });
});
