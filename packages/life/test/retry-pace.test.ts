import { expect, it } from 'vitest';
import { RetryPace } from '../src/index.ts';

it('[RT-01] the waits between attempts to start grow from 1 s to 3 s', () => {
  const pace = new RetryPace();
  expect([1, 2, 3, 4].map(() => pace.nextWaitMs(false))).toEqual([1_000, 2_000, 3_000, 3_000]);
  pace.reset();
  expect(pace.nextWaitMs(false)).toBe(1_000);
});

it('[RT-01] an attempt during which the host changed is repeated soon', () => {
  const pace = new RetryPace();
  expect(pace.nextWaitMs(true)).toBe(100);
  expect(pace.nextWaitMs(false)).toBe(2_000);
});
