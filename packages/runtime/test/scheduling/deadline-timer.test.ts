import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { DeadlineTimer } from '../../src/scheduling/deadline-timer.ts';
import { hostTime } from '../../src/scheduling/time.ts';

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

function timer() {
  const fired: number[] = [];
  const began = hostTime.now();
  const deadline = new DeadlineTimer(hostTime, () => void fired.push(hostTime.now() - began));
  return { fired, began, deadline };
}

describe('a deadline timer', () => {
  it('fires once at its deadline', () => {
    const { fired, began, deadline } = timer();
    deadline.set(began + 500);
    expect(deadline.isSet).toBe(true);
    vi.advanceTimersByTime(499);
    expect(fired).toEqual([]);
    vi.advanceTimersByTime(5_000);
    expect(fired).toEqual([500]);
    expect(deadline.isSet).toBe(false);
  });

  it('has one deadline, which an earlier or a later one replaces', () => {
    const { fired, began, deadline } = timer();
    deadline.set(began + 500);
    deadline.set(began + 2_000);
    deadline.set(began + 1_000);
    vi.advanceTimersByTime(5_000);
    expect(fired).toEqual([1_000]);
  });

  it('fires as soon as possible when its deadline is past, and never before `set` returns', () => {
    const { fired, began, deadline } = timer();
    deadline.set(began - 1);
    expect(fired).toEqual([]);
    vi.advanceTimersByTime(0);
    expect(fired).toEqual([0]);
  });

  it('has no timer without a deadline and after `clear`', () => {
    const { fired, deadline } = timer();
    deadline.setAfter(10);
    deadline.set(Number.POSITIVE_INFINITY);
    expect(vi.getTimerCount()).toBe(0);
    deadline.setAfter(10);
    deadline.clear();
    expect(vi.getTimerCount()).toBe(0);
    vi.advanceTimersByTime(1_000);
    expect(fired).toEqual([]);
  });

  it('waits for deadlines that are longer than a timer of Node can be', () => {
    const { fired, deadline } = timer();
    deadline.setAfter(2 ** 31 + 1_000);
    vi.advanceTimersByTime(2 ** 31);
    expect(fired).toEqual([]);
    vi.advanceTimersByTime(1_000);
    expect(fired).toEqual([2 ** 31 + 1_000]);
  });

  it('waits for the rest when the timer below fires early', () => {
    let now = 0;
    const delays: number[] = [];
    let fire: () => void = () => undefined;
    const after = (delayMs: number, due: () => void) => {
      delays.push(delayMs);
      fire = due;
      return () => undefined;
    };
    let fired = 0;
    new DeadlineTimer({ now: () => now, after }, () => void fired++).set(10);
    now = 9.5;
    fire();
    expect([fired, delays]).toEqual([0, [10, 0.5]]);
    now = 10;
    fire();
    expect(fired).toBe(1);
  });

  it('asks the timer below for delays that it can keep', () => {
    const delays: number[] = [];
    const after = (delayMs: number) => {
      delays.push(delayMs);
      return () => undefined;
    };
    const deadline = new DeadlineTimer({ now: () => 1_000, after }, () => undefined);
    deadline.setAfter(10);
    deadline.setAfter(2 ** 31);
    deadline.set(999);
    expect(delays).toEqual([10, 2 ** 31 - 1, 0]);
  });

  it('can be set again from its own call', () => {
    const calls: number[] = [];
    const again: DeadlineTimer = new DeadlineTimer(hostTime, () => {
      calls.push(hostTime.now());
      if (calls.length < 3) again.setAfter(100);
    });
    again.setAfter(100);
    vi.advanceTimersByTime(1_000);
    expect(calls).toHaveLength(3);
  });
});
