import { describe, expect, it } from 'vitest';
import { AnnouncementPace } from '../src/announcement-pace.ts';

describe('[RL-A-15] the pace of announcements', () => {
  it('holds a relay for 5 s at first, and twice as long after each failure that comes soon, up to 60 s', () => {
    const pace = new AnnouncementPace();
    const holds = [pace.holdMs];
    for (let time = 0; time < 6; time++) {
      pace.announced(time * 100_000);
      pace.withdrawn(time * 100_000 + 59_999);
      holds.push(pace.holdMs);
    }
    expect(holds).toEqual([5_000, 10_000, 20_000, 40_000, 60_000, 60_000, 60_000]);
  });

  it('begins again after 60 s without a failure', () => {
    const pace = new AnnouncementPace();
    pace.announced(0);
    pace.withdrawn(1_000);
    pace.announced(20_000);
    pace.withdrawn(80_000);
    expect(pace.holdMs).toBe(5_000);
  });

  it('does not count one failure twice', () => {
    const pace = new AnnouncementPace();
    pace.announced(0);
    pace.withdrawn(1_000);
    pace.withdrawn(2_000);
    expect(pace.holdMs).toBe(10_000);
  });

  it('does not count a failure before the announcement', () => {
    const pace = new AnnouncementPace();
    pace.withdrawn(0);
    pace.withdrawn(1_000);
    expect(pace.holdMs).toBe(5_000);
  });
});
