import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { watchHost } from '../src/control/host-watch.ts';
import type { HostAddresses } from '../src/host/host-addresses.ts';
import { hostWith } from './fakes.ts';

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

describe('the watch over the addresses of this host', () => {
  it('tells each change once, until it ends', () => {
    const seen: HostAddresses[] = [];
    let host = hostWith();
    const end = watchHost(
      () => host,
      'teredo',
      (changed) => seen.push(changed),
    );
    vi.advanceTimersByTime(5_000);
    expect(seen).toEqual([]);
    host = hostWith('2a00:1::1');
    vi.advanceTimersByTime(5_000);
    expect(seen).toEqual([host]);
    end();
    host = hostWith();
    vi.advanceTimersByTime(5_000);
    expect(seen).toHaveLength(1);
  });

  it('does not see its own interface', () => {
    const seen: HostAddresses[] = [];
    let host = hostWith();
    const end = watchHost(
      () => host,
      'eth0',
      (changed) => seen.push(changed),
    );
    host = hostWith('2a00:1::1');
    vi.advanceTimersByTime(5_000);
    expect(seen).toEqual([]);
    end();
  });
});
