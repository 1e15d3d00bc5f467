import { spawnSync } from 'node:child_process';
import crypto from 'node:crypto';
import { syncBuiltinESMExports } from 'node:module';
import { parseIpv4 } from '@navalis/address';
import { Counters } from '@navalis/engine';
import type { RawIpv6Sender, TunDevice, UdpSocket } from '@navalis/netio';
import { describe, expect, it, vi } from 'vitest';
import { openDevices } from '../src/data-plane/devices.ts';
import { cryptographicRandom } from '../src/data-plane/random-source.ts';
import { dataPlaneStatus } from '../src/data-plane/status.ts';

describe('the random source', () => {
  it("[R5-03] is the platform's cryptographic generator, and nothing draws from another", () => {
    const target = new Uint8Array(8);
    const drawn = vi.spyOn(crypto, 'randomFillSync').mockImplementation((page) => (page as Uint8Array).fill(0xa5));
    syncBuiltinESMExports();
    try {
      cryptographicRandom().fill(target);
    } finally {
      drawn.mockRestore();
      syncBuiltinESMExports();
    }
    expect(target).toEqual(new Uint8Array(8).fill(0xa5));
    const root = new URL('../../..', import.meta.url).pathname;
    const found = spawnSync(
      'grep',
      [
        '-rlE',
        'Math\\.random|pseudoRandomBytes',
        '--include=*.ts',
        'packages',
        'apps',
        '--exclude-dir=node_modules',
        '--exclude-dir=dist',
        '--exclude-dir=test',
      ],
      { cwd: root, encoding: 'utf8' },
    );
    expect(found).toMatchObject({ status: 1, stdout: '' });
  });

  it('[SEC-25] gives every octet out once, whatever the sizes asked for', () => {
    const random = cryptographicRandom(64);
    const drawn = Array.from({ length: 200 }, (_, index) => {
      const target = new Uint8Array(8 + (index % 100));
      random.fill(target);
      return Buffer.from(target.subarray(0, 8)).toString('hex');
    });
    expect(new Set(drawn).size).toBe(drawn.length);
  });

  it('fills all octets', () => {
    const random = cryptographicRandom(64);
    const seen = new Uint8Array(60);
    for (let round = 0; round < 20; round++) {
      const target = new Uint8Array(60);
      random.fill(target);
      for (let index = 0; index < 60; index++) seen[index]! |= target[index]!;
    }
    expect(seen.every((octet) => octet !== 0)).toBe(true);
  });
});

describe('a status', () => {
  it('has absolute time and the drops of engine and devices together', () => {
    const engine = new Counters();
    engine.drop('rule-7', 2);
    engine.drop('send-failed', 1);
    const devices = new Counters();
    devices.drop('send-failed', 4);
    const status = { state: 'running', since: 1_500, peers: 0, counters: engine.snapshot() } as const;
    const report = dataPlaneStatus(status, devices, ['send-joined'], Date.parse('2026-01-01T00:00:00.000Z'));
    expect(report.since).toBe('2026-01-01T00:00:01.500Z');
    expect(report.offloads).toEqual(['send-joined']);
    expect(report.counters.drops).toEqual({ 'rule-7': 2, 'send-failed': 5 });
  });
});

describe('devices', () => {
  const socket = (role: 'service' | 'secondary') => ({ role, endpoint: { address: parseIpv4('127.0.0.1')!, port: 1 } });
  const counters = new Counters();
  const netio: Parameters<typeof openDevices>[1] = {
    openUdpSocket: (options) => ({ ...options, descriptor: 3 }) as unknown as UdpSocket,
    openTunDevice: (options) => ({ ...options, descriptor: 4 }) as unknown as TunDevice,
    openRawIpv6Sender: (options) => ({ ...options }) as unknown as RawIpv6Sender,
  };

  it('of a server are two sockets and raw output, which nothing is read from', () => {
    const settings = { sockets: [socket('service'), socket('secondary')], interfaceName: undefined, offload: false };
    const devices = openDevices(settings, netio, counters);
    expect(devices.receivers).toEqual([devices.service, devices.secondary]);
    expect(devices.secondary).toMatchObject({ role: 'secondary', drops: counters });
    expect(devices.host).not.toHaveProperty('descriptor');
  });

  it('of the others are one socket and a tunnel interface', () => {
    const devices = openDevices(
      { sockets: [socket('service')], interfaceName: 'teredo', offload: true },
      netio,
      counters,
    );
    expect(devices.receivers).toEqual([devices.service, devices.host]);
    expect(devices.host).toMatchObject({ name: 'teredo', drops: counters });
    expect(devices.bound).toEqual([{ role: 'service', ...socket('service').endpoint }]);
  });
});
