import { expect, it } from 'vitest';
import { RestorePace } from '../src/restore-pace.ts';

it('a fight is over when nothing was taken away for two minutes', () => {
  const pace = new RestorePace();
  for (let restores = 0; restores < 5; restores++) pace.restored('removed', 1_000 * restores);
  expect(pace.isContested(4_000)).toBe(true);
  expect(pace.reopeningWaitMs(4_000)).toBe(8_000);
  expect(pace.isContested(123_999)).toBe(true);
  expect(pace.isContested(124_000)).toBe(false);
  expect(pace.reopeningWaitMs(124_000)).toBe(0);
});
