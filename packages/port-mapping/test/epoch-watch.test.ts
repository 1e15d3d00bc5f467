import { describe, expect, it } from 'vitest';
import { EpochWatch, natPmpEpochRule, pcpEpochRule } from '../src/codec/epoch-watch.ts';

/** Returns true if a router that counted 1000 and counts `epoch` after `elapsedMs` counts as restarted. */
function hasRestarted(rule: ConstructorParameters<typeof EpochWatch>[0], epoch: number, elapsedMs: number): boolean {
  const watch = new EpochWatch(rule);
  expect(watch.hasRestarted(1_000, 5_000)).toBe(false);
  return watch.hasRestarted(epoch, 5_000 + elapsedMs);
}

describe('a router that counts seconds', () => {
  it.each([
    ['as we do', 1_100, 100_000, false],
    ['one second backwards, as answers may pass each other', 999, 0, false],
    ['two seconds backwards', 998, 0, true],
    ['from 0 again', 3, 100_000, true],
    ['slower by a sixteenth', 1_094, 100_000, false],
    ['slower than that', 1_090, 100_000, true],
    ['faster by a sixteenth', 1_106, 100_000, false],
    ['faster than that', 1_120, 100_000, true],
  ] as const)('[HP-02] by PCP %s', (_, epoch, elapsedMs, expected) => {
    expect(hasRestarted(pcpEpochRule, epoch, elapsedMs)).toBe(expected);
  });

  it.each([
    ['as we do', 1_100, 100_000, false],
    ['slower by an eighth', 1_086, 100_000, false],
    ['slower than that', 1_085, 100_000, true],
    ['much faster', 5_000, 100_000, false],
    ['from 0 again', 3, 100_000, true],
  ] as const)('[HP-02] by NAT-PMP %s', (_, epoch, elapsedMs, expected) => {
    expect(hasRestarted(natPmpEpochRule, epoch, elapsedMs)).toBe(expected);
  });

  it('is compared with its last answer, not with its first', () => {
    const watch = new EpochWatch(pcpEpochRule);
    watch.hasRestarted(1_000, 0);
    expect(watch.hasRestarted(5, 10_000)).toBe(true);
    expect(watch.hasRestarted(15, 20_000)).toBe(false);
  });
});
