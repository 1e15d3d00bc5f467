import { formatIpv4, parseIpv4 } from '@navalis/address';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { nextHopIn } from '../../src/host/routes/route-probe.ts';
import { Announcements } from '../../src/host/watches/announcements.ts';
import { RouteFollower } from '../../src/roles/client/route-follower.ts';
import { hostTime } from '../../src/scheduling/time.ts';

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

const servers = ['8.8.8.8', '9.9.9.8'].map((text) => ({ primary: parseIpv4(text)! }));
const [first, second] = servers.map(({ primary }) => primary) as [number, number];

async function follower(source = 0) {
  const announcements = new Announcements();
  let isListening = true;
  announcements.follow({
    get isListening() {
      return isListening;
    },
    end: () => undefined,
  });
  const asked: string[] = [];
  const state = {
    local: new Map<number, string | undefined>([
      [first, '192.168.1.2'],
      [second, '192.168.1.2'],
    ]),
    hop: 'via 192.168.1.1 dev eth0',
    isUnknown: false,
  };
  const routes = new RouteFollower(source, {
    announcements,
    time: hostTime,
    routes: {
      localAddress: async (destination, from) => {
        asked.push(`local ${formatIpv4(destination)} from ${formatIpv4(from)}`);
        if (state.isUnknown) throw new Error('EMFILE');
        const text = state.local.get(destination);
        return text === undefined ? undefined : parseIpv4(text);
      },
      nextHop: async (destination) => {
        asked.push(`hop ${formatIpv4(destination)}`);
        return state.hop;
      },
      ipv6Interface: async () => undefined,
    },
  });
  const changes: number[] = [];
  const began = Date.now();
  await routes.look(servers);
  routes.watch(() => void changes.push(Date.now() - began));
  await vi.advanceTimersByTimeAsync(5_000);
  asked.length = 0;
  return {
    routes,
    state,
    changes,
    asked,
    announce: () => announcements.tell(),
    deafen: () => {
      isListening = false;
    },
  };
}

describe('[RT-05] routes to the servers', () => {
  it('change when the local address towards one changes', async () => {
    const { routes, state, changes, announce } = await follower();
    expect(changes).toEqual([]);
    state.local.set(first, '10.0.0.2');
    announce();
    await vi.advanceTimersByTimeAsync(0);
    expect(changes).toHaveLength(1);
    expect(formatIpv4(routes.localAddress!)).toBe('10.0.0.2');
    expect(formatIpv4(routes.localAddressTowards(second)!)).toBe('192.168.1.2');
  });

  it('change when only the gateway changes', async () => {
    const { state, changes, announce } = await follower();
    state.hop = 'via 192.168.1.254 dev eth0';
    announce();
    await vi.advanceTimersByTimeAsync(0);
    expect(changes).toHaveLength(1);
  });

  it('[RT-04] that are missing are reported for each server', async () => {
    const { routes, state, changes, announce } = await follower();
    state.local.set(first, undefined);
    announce();
    await vi.advanceTimersByTimeAsync(0);
    expect(routes.unreachable).toEqual([first]);
    // The next server has one.
    expect(formatIpv4(routes.localAddress!)).toBe('192.168.1.2');
    expect(routes.localAddressTowards(first)).toBeUndefined();
    state.local.set(second, undefined);
    announce();
    await vi.advanceTimersByTimeAsync(1_000);
    expect(routes.unreachable).toEqual([first, second]);
    expect(routes.localAddress).toBeUndefined();
    expect(changes).toHaveLength(2);
  });

  it('stay as they were while they cannot be found out', async () => {
    const { routes, state, changes, announce } = await follower();
    state.isUnknown = true;
    announce();
    await vi.advanceTimersByTimeAsync(2_000);
    expect(changes).toEqual([]);
    expect(routes.unreachable).toEqual([]);
  });

  it('are requested from the address that sockets are bound to', async () => {
    const { asked, announce } = await follower(parseIpv4('192.168.1.2')!);
    announce();
    await vi.advanceTimersByTimeAsync(0);
    expect(asked).toContain('local 8.8.8.8 from 192.168.1.2');
  });

  it('are read at most twice a second while others change, and once more when that ends', async () => {
    const { state, changes, asked, announce } = await follower();
    for (let time = 0; time < 100; time++) {
      announce();
      await vi.advanceTimersByTimeAsync(100);
    }
    const looks = asked.filter((each) => each.startsWith('hop 8.8.8.8')).length;
    expect(looks).toBeGreaterThan(10);
    expect(looks).toBeLessThanOrEqual(21);
    state.local.set(first, '10.0.0.2');
    announce();
    await vi.advanceTimersByTimeAsync(600);
    expect(changes).toHaveLength(1);
  });

  it('that flap cost less and less', async () => {
    const { state, changes, announce } = await follower();
    for (let time = 0; time < 600; time++) {
      state.hop = `via 192.168.1.${time % 250} dev eth0`;
      announce();
      await vi.advanceTimersByTimeAsync(100);
    }
    expect(changes.length).toBeGreaterThan(5);
    expect(changes.length).toBeLessThan(15);
  });

  it('are read each second without announcements, without a process', async () => {
    const { state, changes, asked, deafen } = await follower();
    await vi.advanceTimersByTimeAsync(10_000);
    expect(asked).toEqual([]);
    deafen();
    state.local.set(first, '10.0.0.2');
    await vi.advanceTimersByTimeAsync(1_000);
    expect(changes).toHaveLength(1);
    await vi.advanceTimersByTimeAsync(10_000);
    expect(asked.filter((each) => each.startsWith('hop'))).toEqual([]);
    expect(changes).toHaveLength(1);
  });

  it('are no longer read when the run has ended', async () => {
    const { routes, asked, announce } = await follower();
    announce();
    routes.close();
    announce();
    await vi.advanceTimersByTimeAsync(10_000);
    expect(vi.getTimerCount()).toBe(0);
    expect(asked).toEqual([]);
  });
});

describe('the output of ip route get', () => {
  it.each([
    ['192.0.2.1 via 198.51.100.1 dev eth0 src 198.51.100.7 uid 0 \\    cache \n', 'via 198.51.100.1 dev eth0'],
    ['192.0.2.1 dev wg0 table 51820 src 10.0.0.2 uid 0 \\    cache \n', 'dev wg0'],
    ['', ''],
  ])('%s has the next hop %s', (text, hop) => {
    expect(nextHopIn(text)).toBe(hop);
  });
});
