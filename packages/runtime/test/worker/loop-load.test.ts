import { expect, it } from 'vitest';
import { LoopLoad, turnBoundsMs } from '../../src/worker/loop/loop-load.ts';

it('the load of a loop counts turns by their length, and adds them up', () => {
  const load = new LoopLoad();
  for (const ms of [0.05, 0.1, 0.2, 21, 5_000]) load.turn(ms, 1_000);
  const { atMost, totalMs } = load.report(1_000);
  expect(turnBoundsMs).toEqual([0.1, 1, 5, 20, 100, 1_000]);
  expect(atMost).toEqual([2, 3, 3, 3, 4, 4, 5]);
  expect(totalMs).toBeCloseTo(5_021.35);
});

it('the load of a loop tells the longest turn of the last minute at least, and forgets it after two', () => {
  const load = new LoopLoad();
  load.turn(1, 100_000);
  load.turn(30, 110_000);
  load.turn(2, 120_000);
  expect(load.report(120_000).longestMs).toBe(30);
  expect(load.report(161_000).longestMs).toBe(30);
  load.turn(4, 170_000);
  expect(load.report(170_000).longestMs).toBe(30);
  expect(load.report(225_000).longestMs).toBe(4);
  expect(load.report(400_000).longestMs).toBe(0);
});
