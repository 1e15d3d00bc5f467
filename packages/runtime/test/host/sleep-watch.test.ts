import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { watchSleep } from '../../src/host/watches/sleep-watch.ts';
import { hostTime, type Time } from '../../src/scheduling/time.ts';

const sleeps: number[] = [];
const now = { awake: 1_000, boot: 9_000, wall: 1_700_000_000_000 };
const time: Time = { ...hostTime, now: () => now.awake, boot: () => now.boot, wall: () => now.wall };
let unwatch: () => void;

beforeEach(() => {
  vi.useFakeTimers();
  sleeps.length = 0;
  unwatch = watchSleep(time, (sleptMs) => sleeps.push(sleptMs));
});
afterEach(() => void vi.useRealTimers());

/** Advances the clocks, and lets the watch check them. */
function pass(awake: number, boot: number, wall: number): void {
  now.awake += awake;
  now.boot += boot;
  now.wall += wall;
  vi.advanceTimersByTime(2_000);
}

describe('the watch over sleeps', () => {
  it('detects a sleep once, by the clock that continues meanwhile', () => {
    pass(2_000, 2_000, 2_000);
    expect(sleeps).toEqual([]);
    pass(2_000, 602_000, 602_000);
    pass(2_000, 2_000, 2_000);
    expect(sleeps).toEqual([600_000]);
  });

  it('detects by the wall clock that a hypervisor stopped the host', () => {
    pass(2_000, 2_000, 62_000);
    expect(sleeps).toEqual([60_000]);
  });

  it('takes neither a clock that is set right nor a busy or stopped process for a sleep', () => {
    pass(2_000, 2_000, 12_000);
    pass(2_000, 2_000, -3_600_000);
    pass(120_000, 120_000, 120_000);
    expect(sleeps).toEqual([]);
  });

  it('ends', () => {
    unwatch();
    pass(2_000, 602_000, 602_000);
    expect(sleeps).toEqual([]);
    expect(vi.getTimerCount()).toBe(0);
  });

  it('reads clocks of this host that run at one rate', () => {
    const difference = hostTime.boot() - hostTime.now();
    expect(Math.abs(hostTime.boot() - hostTime.now() - difference)).toBeLessThan(1_000);
    expect(hostTime.wall()).toBeGreaterThan(1_600_000_000_000);
  });
});
