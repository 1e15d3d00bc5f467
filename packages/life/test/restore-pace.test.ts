import { describe, expect, it } from 'vitest';
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

/** Restores at each time: `what`, or a different part each time. */
function paceAfter(times: readonly number[], what?: string): RestorePace {
  const pace = new RestorePace();
  for (const time of times) pace.restored(what ?? `part ${time}`, time);
  return pace;
}

describe('the pace of restores', () => {
  it('allows three equal ones at once, and lets the fourth wait 2 s', () => {
    expect(new RestorePace().isContested(0)).toBe(false);
    expect(new RestorePace().mayRestore(0)).toBe(true);
    expect(paceAfter([1_000, 1_100], 'address').isContested(1_100)).toBe(false);
    expect(paceAfter([1_000, 1_100], 'address').mayRestore(1_100)).toBe(true);
    const pace = paceAfter([1_000, 1_100, 1_200], 'address');
    expect(pace.isContested(1_200)).toBe(true);
    expect(pace.mayRestore(3_199)).toBe(false);
    expect(pace.mayRestore(3_200)).toBe(true);
    expect(pace.reopeningWaitMs(3_200)).toBe(0);
    expect(pace.reopeningWaitMs(9_000)).toBe(0);
  });

  it('doubles the wait up to a minute', () => {
    const pace = paceAfter([0, 0], 'address');
    const waits = Array.from({ length: 7 }, () => {
      pace.restored('address', 0);
      return pace.reopeningWaitMs(0);
    });
    expect(waits).toEqual([2_000, 4_000, 8_000, 16_000, 32_000, 60_000, 60_000]);
  });

  it('starts over with another part, and after two minutes', () => {
    const alternating = new RestorePace();
    for (const what of ['address', 'route', 'address', 'route']) alternating.restored(what, 5_000);
    expect(alternating.isContested(5_000)).toBe(false);
    const changed = paceAfter([0, 0, 0, 0], 'address');
    changed.restored('route', 0);
    expect(changed.isContested(0)).toBe(false);
    expect(paceAfter([0, 120_000, 240_000], 'address').isContested(240_000)).toBe(false);
    expect(paceAfter([0, 119_999, 239_998], 'address').isContested(239_998)).toBe(true);
  });

  it('counts ten different ones within two minutes', () => {
    const nine = [101_000, 102_000, 103_000, 104_000, 105_000, 106_000, 107_000, 108_000, 109_000];
    expect(paceAfter(nine).isContested(109_000)).toBe(false);
    expect(paceAfter([100_000, ...nine]).isContested(109_000)).toBe(true);
    expect(paceAfter([100_000, ...nine]).reopeningWaitMs(109_000)).toBe(2_000);
    const late = nine.map((time) => time + 100_000);
    expect(paceAfter([89_001, ...late]).isContested(209_000)).toBe(true);
    expect(paceAfter([89_000, ...late]).isContested(209_000)).toBe(false);
  });

  it('repeats a failed one after 3 s, but opens another interface at once', () => {
    const pace = new RestorePace();
    pace.failed(1_000);
    expect(pace.mayRestore(3_999)).toBe(false);
    expect(pace.mayRestore(4_000)).toBe(true);
    expect(pace.reopeningWaitMs(1_000)).toBe(0);
  });

  it('calls a contested interface stable after 10 s, any other at once', () => {
    expect(paceAfter([1_000, 1_000], 'address').isStable(1_000)).toBe(true);
    const pace = paceAfter([1_000, 2_000, 4_000], 'address');
    expect(pace.isStable(13_999)).toBe(false);
    expect(pace.isStable(14_000)).toBe(true);
    expect(pace.isStable(200_000)).toBe(true);
  });
});
