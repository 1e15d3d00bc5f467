import { formatIpv6, type Ipv6Value, parseIpv6 } from '@navalis/address';
import { createLogger } from '@navalis/telemetry';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { Degradations } from '../../src/health/degradations.ts';
import { NativeRouteWatch } from '../../src/health/native-route-watch.ts';
import { hasIpv6Route } from '../../src/host/routes/ipv6-route.ts';
import { hostTime } from '../../src/scheduling/time.ts';
import { deafObserver } from '../fakes.ts';

describe('the watch over the routes of a relay to native hosts', () => {
  beforeEach(() => void vi.useFakeTimers());
  afterEach(() => void vi.useRealTimers());

  type Prefix = readonly [string, number];

  function prefixesOf(prefixes: readonly Prefix[]) {
    return prefixes.map(([text, length]) => ({ address: parseIpv6(text)!, length }));
  }

  async function watched(...prefixes: readonly Prefix[]) {
    const log: string[] = [];
    const destination = { write: (text: string) => void log.push((JSON.parse(text) as { msg: string }).msg) };
    const logger = await createLogger({ level: 'info', format: 'json', destination });
    const degradations = new Degradations(logger, hostTime, deafObserver);
    const routes: ((address: string) => boolean | Error | Promise<boolean>)[] = [() => false];
    const watch = new NativeRouteWatch(prefixesOf(prefixes), {
      degradations,
      time: hostTime,
      hasIpv6Route: async (address: Ipv6Value) => {
        const found = await routes.at(-1)!(formatIpv6(address));
        if (found instanceof Error) throw found;
        return found;
      },
    });
    return { log, degradations, routes, watch };
  }

  it('is degraded after three checks without a route, with the cure, and at work with one', async () => {
    const { log, degradations, routes, watch } = await watched(['2000::', 3]);
    await vi.advanceTimersByTimeAsync(9_000);
    expect(degradations.active).toEqual([]);
    await vi.advanceTimersByTimeAsync(1_000);
    expect(degradations.active).toMatchObject([{ reason: 'no-native-route', evidence: 'no route' }]);
    expect(log).toEqual([expect.stringMatching(/no route to the IPv6 networks .* See "ip -6 route"\./)]);
    await vi.advanceTimersByTimeAsync(20_000);
    expect(log).toHaveLength(1);
    routes.push((address) => address.startsWith('2a00:'));
    await vi.advanceTimersByTimeAsync(5_000);
    expect(degradations.active).toEqual([]);
    expect(log.at(-1)).toBe('This host has a route to the IPv6 networks that this relay serves now.');
    watch.end();
    expect(vi.getTimerCount()).toBe(0);
  });

  it('[RL-A-15] is degraded within 4 s where routers send packets to the relay', async () => {
    const { degradations, routes, watch } = await watched(['2000::', 3]);
    watch.end();
    const prompt = new NativeRouteWatch(
      prefixesOf([['2000::', 3]]),
      {
        degradations,
        time: hostTime,
        hasIpv6Route: async () => routes.length > 1,
      },
      1_000,
    );
    routes.push(() => true);
    await vi.advanceTimersByTimeAsync(2_500);
    routes.pop();
    await vi.advanceTimersByTimeAsync(4_000);
    expect(degradations.active).toMatchObject([{ reason: 'no-native-route' }]);
    routes.push(() => true);
    await vi.advanceTimersByTimeAsync(1_000);
    expect(degradations.active).toEqual([]);
    prompt.end();
  });

  it('looks up the prefixes that a relay of a site serves, and takes a failed lookup for no fault', async () => {
    const { degradations, routes } = await watched(['2a00:1::', 32], ['2a00:2:0:7::', 64]);
    routes.push((address) => address === '2a00:2:0:7::1');
    await vi.advanceTimersByTimeAsync(30_000);
    expect(degradations.active).toEqual([]);
    routes.push((address) => address === '2001:4860:4860::8888');
    await vi.advanceTimersByTimeAsync(15_000);
    expect(degradations.active).toMatchObject([{ reason: 'no-native-route' }]);
    routes.push(() => new Error('EMFILE'));
    await vi.advanceTimersByTimeAsync(5_000);
    expect(degradations.active).toEqual([]);
  });

  it('looks up other served prefixes from the reload on, and reports these only', async () => {
    const { log, degradations, routes, watch } = await watched(['2a00:1::', 32]);
    routes.push((address) => address.startsWith('2a00:2:'));
    await vi.advanceTimersByTimeAsync(9_000);
    watch.serve(prefixesOf([['2a00:2::', 32]]));
    await vi.advanceTimersByTimeAsync(30_000);
    expect(degradations.active).toEqual([]);
    watch.serve(prefixesOf([['2a00:3::', 32]]));
    await vi.advanceTimersByTimeAsync(9_000);
    expect(degradations.active).toEqual([]);
    await vi.advanceTimersByTimeAsync(6_000);
    expect(degradations.active).toMatchObject([{ reason: 'no-native-route' }]);
    watch.serve(prefixesOf([['2a00:2::', 32]]));
    await vi.advanceTimersByTimeAsync(0);
    expect(degradations.active).toEqual([]);
    expect(log).toHaveLength(2);
  });

  it('ignores the result of a lookup of prefixes that were replaced meanwhile', async () => {
    const { degradations, routes, watch } = await watched(['2a00:1::', 32]);
    routes.push(() => false);
    await vi.advanceTimersByTimeAsync(6_000);
    routes.push((address) => new Promise((resolve) => setTimeout(resolve, 1_000, address.startsWith('2a00:2:'))));
    await vi.advanceTimersByTimeAsync(4_500);
    watch.serve(prefixesOf([['2a00:2::', 32]]));
    await vi.advanceTimersByTimeAsync(30_000);
    expect(degradations.active).toEqual([]);
    watch.end();
  });
});

it('a host has a route to itself, and none into the discard prefix unless it has a default route', async () => {
  expect(await hasIpv6Route(parseIpv6('::1')!)).toBe(true);
  expect(typeof (await hasIpv6Route(parseIpv6('100::1')!))).toBe('boolean');
});
