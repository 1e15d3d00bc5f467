import { seededRandom } from '@navalis/engine/testing';
import { describe, expect, it } from 'vitest';
import { SourceLimiter } from '../src/source-limiter.ts';

describe('the limiter by source', () => {
  it('[SEC-14] gives a source its burst, then its rate', () => {
    const limiter = new SourceLimiter(10, 3, 64, seededRandom(1));
    expect([0, 0, 0, 0].map((now) => limiter.take(1, now))).toEqual([true, true, true, false]);
    expect(limiter.take(1, 99)).toBe(false);
    expect(limiter.take(1, 100)).toBe(true);
    expect(limiter.take(1, 100)).toBe(false);
  });

  it('[SEC-14] gives a source that was silent for a day its burst, and no more', () => {
    const limiter = new SourceLimiter(10, 3, 64, seededRandom(1));
    limiter.take(1, 0);
    const day = 86_400_000;
    expect([day, day, day, day].map((now) => limiter.take(1, now))).toEqual([true, true, true, false]);
    // A refused packet takes no token.
    for (let now = day; now < day + 100; now++) limiter.take(1, now);
    expect(limiter.take(1, day + 100)).toBe(true);
  });

  it('[SEC-14] keeps sources apart, 0.0.0.0 and 255.255.255.255 among them', () => {
    const limiter = new SourceLimiter(1, 1, 64, seededRandom(1));
    for (const source of [0, 1, 0xffffffff]) expect(limiter.take(source, 5)).toBe(true);
    for (const source of [0, 1, 0xffffffff]) expect(limiter.take(source, 5)).toBe(false);
  });

  it('[SEC-14] forgets the source that was silent longest when its places are taken', () => {
    const limiter = new SourceLimiter(0.001, 1, 8, seededRandom(1));
    for (let source = 1; source <= 8; source++) limiter.take(source, source);
    limiter.take(9, 9);
    expect(limiter.take(2, 10)).toBe(false);
    expect(limiter.take(1, 10)).toBe(true);
  });

  it('[SEC-14] remembers many sources at once, near each other or far apart', () => {
    for (const step of [1, 0x10000, 0x1000001]) {
      const limiter = new SourceLimiter(0.001, 1, 1024, seededRandom(1));
      const sources = Array.from({ length: 256 }, (_, index) => (0xc0000000 + index * step) >>> 0);
      for (const source of sources) limiter.take(source, 0);
      const forgotten = sources.filter((source) => limiter.take(source, 1)).length;
      expect(forgotten, `steps of ${step}`).toBe(0);
    }
  });

  it('[SEC-14] gives a source its burst and nothing more at a rate of 0', () => {
    const limiter = new SourceLimiter(0, 2, 64, seededRandom(1));
    for (const source of [0, 7]) expect([0, 0, 9].map((now) => limiter.take(source, now))).toEqual([true, true, false]);
  });

  it('[SEC-14] lets a secret decide which sources share places', () => {
    const forgottenUnder = (seed: number) => {
      const limiter = new SourceLimiter(0.001, 1, 64, seededRandom(seed));
      const sources = Array.from({ length: 64 }, (_, index) => 0xc0000000 + index);
      for (const source of sources) limiter.take(source, source - 0xc0000000);
      return sources.filter((source) => limiter.take(source, 100));
    };
    expect(forgottenUnder(1)).not.toEqual(forgottenUnder(2));
  });
});
