import type { Assignment } from '@navalis/qualification';
import { describe, expect, it } from 'vitest';
import { RefreshStart } from '../src/refresh-start.ts';
import { endpoint, ipv6 } from './packets.ts';
import { otherServer, server } from './world.ts';

const assignment = (mapped: string, from = server): Assignment => ({
  server: from,
  address: ipv6('2001::1'),
  mapped: endpoint(mapped),
  nat: 'restricted',
  mtu: 1280,
});

/** One that has had an address and lost it, while it was refreshed in this interval. */
function lostAt(intervalMs: number): RefreshStart {
  const start = new RefreshStart(30_000);
  start.assigned(assignment('192.0.2.1:4096'));
  start.lost(intervalMs);
  return start;
}

describe('the refresh interval that a determination begins with', () => {
  it('[CL-D-15] is half of the one under which the mapping changed, by port or by address, and 5 s at least', () => {
    for (const other of ['192.0.2.1:4097', '192.0.2.2:4096']) {
      const start = lostAt(30_000);
      expect(start.ms).toBe(30_000);
      start.assigned(assignment(other));
      expect(start.ms).toBe(15_000);
      start.lost(15_000);
      start.assigned(assignment('192.0.2.3:1'));
      expect(start.ms).toBe(7_500);
      start.lost(7_500);
      start.assigned(assignment('192.0.2.4:1'));
      expect(start.ms).toBe(5_000);
    }
  });

  it('[CL-D-15] stays when the mapping is the same, at another server, and in another network', () => {
    const same = lostAt(30_000);
    same.assigned(assignment('192.0.2.1:4096'));
    expect(same.ms).toBe(30_000);
    const elsewhere = lostAt(30_000);
    elsewhere.assigned(assignment('192.0.2.1:4097', otherServer));
    expect(elsewhere.ms).toBe(30_000);
    const moved = lostAt(30_000);
    moved.networkChanged();
    moved.assigned(assignment('192.0.2.1:4097'));
    expect(moved.ms).toBe(30_000);
  });

  it('[CL-D-15] is the first one again in another network', () => {
    const start = lostAt(30_000);
    start.assigned(assignment('192.0.2.1:4097'));
    start.networkChanged();
    expect(start.ms).toBe(30_000);
  });

  it('[CL-D-15] is the first one again, up to the result, after a determination that began with half of it', () => {
    const start = lostAt(30_000);
    start.assigned(assignment('192.0.2.1:4097'));
    start.determined(22_500);
    expect(start.ms).toBe(22_500);
  });

  it('[CL-D-15] is an earlier result, if that is shorter, in any network', () => {
    const less = new RefreshStart(30_000);
    less.determined(15_000);
    less.networkChanged();
    expect(less.ms).toBe(15_000);
    const more = lostAt(30_000);
    more.determined(90_000);
    more.assigned(assignment('192.0.2.1:4097'));
    expect(more.ms).toBe(30_000);
  });
});
