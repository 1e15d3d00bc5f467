import { mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { formatIpv6, type Ipv6Value, parseIpv4 } from '@navalis/address';
import { type Configuration, loadConfiguration, type Role } from '@navalis/config';
import { Counters } from '@navalis/engine';
import type { HostAddresses } from '@navalis/life';
import { createLogger } from '@navalis/telemetry';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { AddressWatch } from '../../src/health/address-watch.ts';
import { Degradations } from '../../src/health/degradations.ts';
import { watchForwarding } from '../../src/health/forwarding-watch.ts';
import { Upkeep } from '../../src/health/upkeep.ts';
import { watchHealth } from '../../src/health/watch-health.ts';
import { hostTime } from '../../src/scheduling/time.ts';
import { deafObserver, hostWith } from '../fakes.ts';

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

async function degradationsWithLog() {
  const log: string[] = [];
  const destination = { write: (text: string) => void log.push((JSON.parse(text) as { msg: string }).msg) };
  const logger = await createLogger({ level: 'debug', format: 'json', destination });
  const degradations = new Degradations(logger, hostTime, deafObserver);
  return { log, logger, degradations };
}

function configured(role: Role, values: Record<string, unknown>): Configuration {
  const raw = new Map(Object.entries(values).map(([key, value]) => [key, { value, source: 'flag' as const }]));
  return loadConfiguration(role, { config: '/dev/null', values: raw });
}

function httpToken(): string {
  const path = join(mkdtempSync(join(tmpdir(), 'navalis-health-')), 'token');
  writeFileSync(path, 'SvHSq9FTe9bVtJ7YuaaeEo3rWQ9rMNxR', { mode: 0o600 });
  return path;
}

function hostAt(...addresses: readonly string[]): HostAddresses {
  const ipv4 = addresses.map((text) => ({ address: parseIpv4(text)!, prefixLength: 24, interfaceName: 'eth0' }));
  return { ...hostWith(), ipv4 };
}

describe('[SEC-43] the watch over configured addresses', () => {
  it.each([
    ['client', { server: '8.8.8.8', 'bind-address': '198.51.100.7' }],
    ['relay', { 'bind-address': '198.51.100.7' }],
    ['host-relay', { 'bind-address': '198.51.100.7' }],
    [
      'server',
      {
        'primary-address': '198.51.100.7',
        'secondary-address': '198.51.100.8',
        'extra-global-ipv4': ['198.51.100.0/24'],
      },
    ],
    [
      'server',
      {
        'primary-address': '198.51.100.8',
        'secondary-address': '198.51.100.7',
        'extra-global-ipv4': ['198.51.100.0/24'],
      },
    ],
  ] as const)('names the one that leaves a %s, until it is back', async (role, values) => {
    const { log, logger, degradations } = await degradationsWithLog();
    const watch = new AddressWatch(configured(role, values), { degradations, logger });
    watch.look(hostAt('198.51.100.7', '198.51.100.8'));
    expect(degradations.active).toEqual([]);
    watch.look(hostAt('198.51.100.8'));
    expect(degradations.active).toMatchObject([{ reason: 'address-gone', evidence: '198.51.100.7' }]);
    watch.look(hostAt('198.51.100.8', '198.51.100.9'));
    expect(log).toHaveLength(1);
    watch.look(hostAt('198.51.100.7', '198.51.100.8'));
    expect(degradations.active).toEqual([]);
    expect(log.at(-1)).toBe('This host has every configured address again.');
  });

  it('names the IPv6 address of a relay', async () => {
    const { log, ...context } = await degradationsWithLog();
    const watch = new AddressWatch(configured('relay', { 'ipv6-address': '2a00:1::7' }), context);
    const { ipv4 } = hostAt('198.51.100.7');
    watch.look({ ...hostWith('2a00:1::7', '2a00:1::8'), ipv4 });
    expect(context.degradations.active).toEqual([]);
    watch.look({ ...hostWith('2a00:1::8'), ipv4 });
    const sentence = expect.stringMatching(/2a00:1::7, which this relay sends from \(key ipv6-address\)/) as string;
    expect(context.degradations.active).toMatchObject([{ reason: 'address-gone', evidence: '2a00:1::7', sentence }]);
    watch.look({ ...hostWith('2a00:1::7'), ipv4 });
    expect(context.degradations.active).toEqual([]);
    expect(log.at(-1)).toBe('This host has every configured address again.');
  });

  it.each(['198.51.100.7', '2a00:1::7'])('tells in the log alone that the status server lost %s', async (address) => {
    const { log, ...context } = await degradationsWithLog();
    const http = address.includes(':') ? '[2A00:1:0::7]:9464' : `${address}:9464`;
    const watch = new AddressWatch(configured('relay', { http, 'http-token': httpToken() }), context);
    const whole = { ...hostWith('2a00:1::7'), ipv4: hostAt('198.51.100.7', '198.51.100.8').ipv4 };
    const without = { ...hostWith(), ipv4: hostAt('198.51.100.8').ipv4 };
    for (const host of [without, whole, whole, without, without, whole]) watch.look(host);
    expect(log).toEqual([
      `This host has lost the address ${address}, at which the status server listens (key http): nobody can reach the status there. Give the address back to an interface that is up. The program goes on by itself then.`,
      `This host has the address ${address} again.`,
    ]);
    expect(context.degradations.active).toEqual([]);
  });

  it('follows a reload of the status address', async () => {
    const { log, ...context } = await degradationsWithLog();
    const at = (http: string) => configured('relay', { http, 'http-token': httpToken() });
    const watch = new AddressWatch(at('198.51.100.7:9464'), context);
    watch.look(hostAt('198.51.100.7', '198.51.100.8'));
    watch.look(hostAt('198.51.100.8'));
    watch.reconfigured(at('198.51.100.8:9464'));
    watch.look(hostAt('198.51.100.8'));
    watch.look(hostAt('198.51.100.9'));
    expect(log.map((each) => each.slice(0, 47))).toEqual([
      'This host has lost the address 198.51.100.7, at',
      'This host has lost the address 198.51.100.8, at',
    ]);
  });

  it('ignores an address that no interface ever had but the kernel bound', async () => {
    const { logger, degradations } = await degradationsWithLog();
    const watch = new AddressWatch(configured('relay', { 'bind-address': '198.51.100.7' }), { degradations, logger });
    watch.look(hostAt('198.51.100.8'));
    expect(degradations.active).toEqual([]);
  });

  it('reports a relay bound to all addresses when only loopback is left', async () => {
    const { logger, degradations } = await degradationsWithLog();
    const watch = new AddressWatch(configured('relay', {}), { degradations, logger });
    watch.look(hostAt('127.0.0.1', '198.51.100.8'));
    watch.look(hostAt('127.0.0.1', '198.51.100.9'));
    expect(degradations.active).toEqual([]);
    watch.look(hostAt('127.0.0.1'));
    const sentence = 'This host has no IPv4 address, so no client can be reached.'; // It may never have had one.
    expect(degradations.active).toMatchObject([{ reason: 'no-ipv4-address', sentence }]);
    watch.look(hostAt('198.51.100.9'));
    expect(degradations.active).toEqual([]);
  });
});

const idle = { receiveOctets: 0, sendOctets: 0, socketDrops: 0, interfaceDrops: 0 };

describe('[SV-C-05] the watch over the IPv6 connectivity of a server', () => {
  const routed = hostWith('2a00:1::1');
  const values = { 'primary-address': '8.8.8.8' };

  function watched(degradations: Degradations, log: string[] = []) {
    const counters = new Counters().snapshot();
    const report = { role: 'server', version: '1', state: 'running', since: '', peers: 0, counters } as const;
    const context = {
      logger: { warn: (_: unknown, sentence: string) => void log.push(sentence) },
      degradations,
      upkeep: new Upkeep(),
      time: hostTime,
      queues: () => idle,
      hasIpv6Route: async () => true,
    };
    return (host: HostAddresses, role: 'server' | 'relay' = 'server') => {
      const control = { status: async () => report };
      return watchHealth(configured(role, role === 'server' ? values : {}), control, context as never, host);
    };
  }

  it('is degraded from the start or later, with the cure, until address and route are there', async () => {
    const { log, degradations } = await degradationsWithLog();
    const watch = watched(degradations)(hostWith());
    expect(degradations.active).toMatchObject([{ reason: 'no-ipv6-connectivity', evidence: 'no IPv6 connectivity' }]);
    expect(log).toEqual([
      expect.stringMatching(/no IPv6 default route with a global address.* Give this host a global IPv6 address and/),
    ]);
    watch.hostChanged(routed);
    expect(degradations.active).toEqual([]);
    watch.hostChanged({ ...routed, ipv6Exits: [] });
    watch.hostChanged({ ...routed, ipv6Exits: [], ipv4: [] });
    expect(degradations.active).toMatchObject([{ reason: 'no-ipv6-connectivity' }]);
    expect(log).toHaveLength(3);
    watch.end();
    expect(vi.getTimerCount()).toBe(0);
  });

  it('judges by other ranges from the reload on', async () => {
    const { degradations } = await degradationsWithLog();
    const watch = watched(degradations)(hostWith('2001:db8::1'));
    expect(degradations.active).toMatchObject([{ reason: 'no-ipv6-connectivity' }]);
    watch.reconfigured(configured('server', { ...values, 'extra-global-ipv6': ['2001:db8::/32'] }));
    expect(degradations.active).toEqual([]);
    watch.hostChanged({ ...hostWith('2001:db8::1'), ipv4: [] });
    expect(degradations.active).toEqual([]);
    watch.reconfigured(configured('server', values));
    expect(degradations.active).toMatchObject([{ reason: 'no-ipv6-connectivity' }]);
    watch.end();
  });

  it('watches the address of the status server from the reload on', async () => {
    const { log, degradations } = await degradationsWithLog();
    const { ipv4 } = hostAt('8.8.8.8');
    const watch = watched(degradations, log)({ ...routed, ipv4 });
    watch.reconfigured(configured('server', { ...values, http: '[2a00:1::1]:9464', 'http-token': httpToken() }));
    watch.hostChanged({ ...hostWith('2a00:1::2'), ipv4 });
    expect(log).toEqual([expect.stringMatching(/^This host has lost the address 2a00:1::1, at which the status/)]);
    watch.end();
  });

  it('checks no other role', async () => {
    const { degradations } = await degradationsWithLog();
    watched(degradations)({ ...routed, ipv6: [], ipv6Exits: [] }, 'relay').end();
    expect(degradations.active).toEqual([]);
  });
});

describe('the watches over a relay', () => {
  it.each([
    ['without a route to the new prefix: degraded', '2a00:1:', ['no-native-route']],
    ['without a route to the old prefix: at work', '2a00:2:', []],
  ])('follow a change of served-prefix, %s', async (_, routedTo, reasons) => {
    const { degradations } = await degradationsWithLog();
    const routedPrefixes = ['2a00:1:', '2a00:2:'];
    const context = {
      logger: { warn: () => undefined },
      degradations,
      upkeep: new Upkeep(),
      time: hostTime,
      queues: () => idle,
      hasIpv6Route: async (address: Ipv6Value) =>
        routedPrefixes.some((prefix) => formatIpv6(address).startsWith(prefix)),
    };
    const serving = (prefix: string) => configured('relay', { 'served-prefix': [prefix] });
    const control = { status: async () => Promise.reject(new Error('Not asked.')) };
    const watch = watchHealth(serving('2a00:1::/32'), control, context as never, hostWith('2a00:1::1'));
    await vi.advanceTimersByTimeAsync(1_000);
    watch.reconfigured(serving('2a00:2::/32'));
    routedPrefixes.splice(0, 2, routedTo);
    await vi.advanceTimersByTimeAsync(20_000);
    const seen = degradations.active.map(({ reason }) => reason).filter((reason) => reason !== 'forwarding-off');
    expect(seen).toEqual(reasons);
    watch.end();
    expect(vi.getTimerCount()).toBe(0);
  });
});

describe('[RL-A-13] the watch over forwarding', () => {
  function switches(values: Record<string, string>) {
    return {
      read: (name: string, key: string) => values[`${name} ${key}`] ?? '',
      names: () => ['all', 'default', 'eth0', 'lo', 'teredo'],
      values,
    };
  }

  it('is degraded at once, says how to switch it on, and follows the switch', async () => {
    const { log, degradations } = await degradationsWithLog();
    const { read, names, values } = switches({ 'all forwarding': '0' });
    const upkeep = new Upkeep();
    const end = watchForwarding({ degradations, upkeep, time: hostTime }, 'teredo', { read, names });
    expect(upkeep.report.isForwarding).toBe(false);
    expect(log).toEqual([
      'IPv6 forwarding is off, so this relay forwards nothing. Run "sysctl -w net.ipv6.conf.all.forwarding=1".',
    ]);
    values['all forwarding'] = '1';
    vi.advanceTimersByTime(1_000);
    expect(upkeep.report.isForwarding).toBe(true);
    expect(degradations.active).toEqual([]);
    values['all forwarding'] = '0';
    vi.advanceTimersByTime(1_000);
    expect(degradations.active).toMatchObject([{ reason: 'forwarding-off' }]);
    end();
    expect(degradations.active).toEqual([]);
    expect(vi.getTimerCount()).toBe(0);
  });

  it.each([
    [{ 'all forwarding': '1' }, false],
    [{ 'all forwarding': '2' }, false],
    [{ 'all forwarding': '1', 'eth0 forwarding': '0', 'teredo forwarding': '0' }, false],
    [{ 'all forwarding': '0', 'eth0 forwarding': '1', 'teredo forwarding': '1' }, true],
    [{ 'all forwarding': '0', 'eth0 force_forwarding': '1', 'teredo force_forwarding': '1' }, false],
    [{ 'all forwarding': '0', 'eth0 force_forwarding': '0', 'teredo force_forwarding': '1' }, true],
    [{ 'all forwarding': '0', 'all force_forwarding': '1', 'teredo force_forwarding': '1' }, true],
    [{}, true],
  ])('judges %o as the kernel does', async (values, isOff) => {
    const { degradations } = await degradationsWithLog();
    const { read, names } = switches(values as Record<string, string>);
    watchForwarding({ degradations, upkeep: new Upkeep(), time: hostTime }, 'teredo', { read, names });
    expect(degradations.active).toHaveLength(isOff ? 1 : 0);
  });
});
