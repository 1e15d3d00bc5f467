import { describe, expect, it } from 'vitest';
import { drawShare, RateLimit } from '../src/index.ts';

describe('a rate limit', () => {
  it('allows so many in each second, which begins with the first', () => {
    const limit = new RateLimit(2);
    const times = [0, 999, 999, 1000, 1001, 1999, 2000, 9000, 9999, 9999, 10_000];
    expect(times.map((time) => limit.take(time))).toEqual([
      true,
      true,
      false,
      true,
      true,
      false,
      true,
      true,
      true,
      false,
      true,
    ]);
  });

  it('of 0 allows nothing', () => {
    expect(new RateLimit(0).take(0)).toBe(false);
  });
});

describe('a drawn share', () => {
  it.each([
    [[0, 0, 0, 0], 0],
    [[0, 0, 0, 1], 2 ** -32],
    [[0x80, 0, 0, 0], 0.5],
    [[0xff, 0xff, 0xff, 0xff], 1 - 2 ** -32],
  ])('of the octets %j is %f', (octets, share) => {
    const random = { fill: (target: Uint8Array) => target.set(octets) };
    expect(drawShare(random)).toBe(share);
  });

  it('uses four octets', () => {
    const lengths: number[] = [];
    drawShare({ fill: (target) => lengths.push(target.length) });
    expect(lengths).toEqual([4]);
  });
});
