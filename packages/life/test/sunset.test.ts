import { describe, expect, it } from 'vitest';
import { SunsetReminder, sunsetNotice } from '../src/index.ts';

const dayMs = 86_400_000;
const end = 100 * dayMs;

describe('[CL-U-12][SV-C-10] the end of service', () => {
  it.each([
    [31 * dayMs, { kind: 'ahead', days: 31, isNear: false }],
    [30 * dayMs, { kind: 'ahead', days: 30, isNear: true }],
    [dayMs + 1, { kind: 'ahead', days: 2, isNear: true }],
    [1, { kind: 'ahead', days: 1, isNear: true }],
    [0, { kind: 'over' }],
    [-dayMs, { kind: 'over' }],
  ])('%i ms ahead is announced as %o', (aheadMs, notice) => {
    expect(sunsetNotice(end, end - aheadMs)).toEqual(notice);
  });

  it('is announced again a day after each announcement, and whenever it has passed', () => {
    const begin = end - 2.5 * dayMs;
    const reminder = new SunsetReminder(end, begin);
    const observed = [1, dayMs - 1, dayMs, 2 * dayMs - 1, 2 * dayMs, end - begin, end - begin + 1].map((ms) =>
      reminder.observe(begin + ms),
    );
    expect(observed).toEqual([
      undefined,
      undefined,
      { kind: 'ahead', days: 2, isNear: true },
      undefined,
      { kind: 'ahead', days: 1, isNear: true },
      { kind: 'over' },
      { kind: 'over' },
    ]);
  });
});
