import { describe, expect, it } from 'vitest';
import { WallOrigin } from '../../src/scheduling/time.ts';

describe('the wall-clock time at the origin of a monotonic clock', () => {
  it('follows a clock that is set, and a sleep, but no jitter', () => {
    const clocks = { wall: 1_000_000, monotonic: 4_000 };
    const origin = new WallOrigin({ wall: () => clocks.wall, now: () => clocks.monotonic }, 996_000);
    clocks.wall += 999;
    expect(origin.read()).toBe(996_000);
    clocks.wall += 3_600_000;
    expect(origin.read()).toBe(4_596_999);
    clocks.wall -= 7_200_000;
    expect(origin.read()).toBe(-2_603_001);
    clocks.monotonic += 500;
    expect(origin.read()).toBe(-2_603_001);
  });
});
