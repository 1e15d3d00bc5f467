import { describe, expect, it } from 'vitest';
import { SleepDetector } from '../src/index.ts';

/** Lets each clock advance by so many milliseconds, in order; returns what the detector says. */
function detect(...steps: readonly (readonly [awake: number, boot: number, wall: number])[]) {
  const now = { awake: 1_000, boot: 9_000, wall: 1_700_000_000_000 };
  const detector = new SleepDetector({ ...now });
  return steps.map(([awake, boot, wall]) => {
    now.awake += awake;
    now.boot += boot;
    now.wall += wall;
    return detector.observe({ ...now });
  });
}

describe('the detector of sleeps', () => {
  it('compares the clock that continues with the one that stops, and reports a sleep once', () => {
    expect(detect([2_000, 602_000, 602_000], [2_000, 2_000, 2_000])).toEqual([600_000, undefined]);
    expect(detect([2_000, 7_000, 2_000])).toEqual([5_000]);
    expect(detect([2_000, 6_999, 2_000])).toEqual([undefined]);
  });

  it('takes a jump of the wall clock by 30 s for a stop by a hypervisor', () => {
    expect(detect([2_000, 2_000, 32_000])).toEqual([30_000]);
    expect(detect([2_000, 2_000, 31_999])).toEqual([undefined]);
  });

  it('takes neither a clock that is set back nor a busy process for a sleep', () => {
    expect(detect([2_000, 2_000, -3_600_000], [120_000, 120_000, 120_000])).toEqual([undefined, undefined]);
  });
});
