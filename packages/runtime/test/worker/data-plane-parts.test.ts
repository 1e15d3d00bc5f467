import { spawnSync } from 'node:child_process';
import crypto from 'node:crypto';
import { syncBuiltinESMExports } from 'node:module';
import { parseIpv4, parseIpv6 } from '@navalis/address';
import { type ClientStatus, Counters, NavalisError } from '@navalis/engine';
import type { RawIpv6Sender, TunDevice, UdpSocket } from '@navalis/netio';
import { describe, expect, it, vi } from 'vitest';
import { statusReport } from '../../src/status/status-report.ts';
import { DeviceLosses } from '../../src/worker/device-losses.ts';
import { type DevicesParts, flushDevices, openDevices } from '../../src/worker/devices.ts';
import type { DeviceSettings } from '../../src/worker/messages.ts';
import { cryptographicRandom } from '../../src/worker/random-source.ts';
import { type DataPlaneFacts, dataPlaneStatus } from '../../src/worker/status.ts';

function facts(own: Partial<DataPlaneFacts> = {}): DataPlaneFacts {
  const loop = { atMost: [1], totalMs: 2, longestMs: 3 };
  const timeOrigin = Date.parse('2026-01-01T00:00:00.000Z');
  return { losses: new DeviceLosses(), offloads: [], loop, timeOrigin, ...own };
}

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
    const root = new URL('../../../..', import.meta.url).pathname;
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
    expect([...seen].indexOf(0)).toBe(-1);
  });
});

describe('a status', () => {
  it('has absolute time and the drops of engine and devices together', () => {
    const engine = new Counters();
    engine.drop('rule-7', 2);
    const devices = new DeviceLosses();
    engine.datagramsSent = 11;
    engine.packetsDelivered = 7;
    devices.sockets.drop('send-failed', 4);
    devices.host.drop('send-failed', 1);
    devices.host.drop('tunnel-read-malformed', 2);
    const status = { role: 'relay', state: 'running', since: 1_500, peers: 0, counters: engine.snapshot() } as const;
    const report = dataPlaneStatus(status, facts({ losses: devices, offloads: ['send-joined'] }));
    expect(report.since).toBe('2026-01-01T00:00:01.500Z');
    expect(report.offloads).toEqual(['send-joined']);
    expect(statusReport({ role: 'relay', version: '1.2.3' }, report).loop).toEqual({
      atMost: [1],
      totalMs: 2,
      longestMs: 3,
    });
    expect(report.counters).toMatchObject({ datagramsSent: 7, packetsDelivered: 6 });
    expect(report.counters.drops).toEqual({ 'rule-7': 2, 'send-failed': 5, 'tunnel-read-malformed': 2 });
    expect(report).not.toHaveProperty('nativeReachability');
  });

  it('tells the paths to peers, with absolute times', () => {
    const counts = {
      direct: 2,
      learned: 0,
      'random-port': 0,
      'same-nat': 0,
      'local-link': 0,
      relay: 1,
      turn: 0,
      'turn-direct': 0,
    };
    const address = parseIpv6('2001:0:808:808:1234:efff:34ff:8ef8')!;
    const endpoint = { address: parseIpv4('203.0.113.9')!, port: 7000 };
    const paths = { counts, recent: [{ address, kind: 'direct', endpoint, heardAt: 2_500 }] } as const;
    const counters = new Counters().snapshot();
    const status = { role: 'relay', state: 'running', since: 1_500, peers: 3, paths, counters } as const;
    const absolute = dataPlaneStatus(status, facts());
    expect(statusReport({ role: 'relay', version: '1.2.3' }, absolute)).toMatchObject({
      paths: { direct: 2, relay: 1 },
      recentPeers: [
        {
          address: '2001:0:808:808:1234:efff:34ff:8ef8',
          path: 'direct',
          endpoint: { address: '203.0.113.9', port: 7000 },
          heardAt: '2026-01-01T00:00:02.500Z',
        },
      ],
    });
  });

  it('[CL-I-16] tells since when native hosts fail, in absolute time', () => {
    const nativeReachability = { state: 'failing', since: 2_500 } as const;
    const counters = new Counters().snapshot();
    const status: ClientStatus = {
      role: 'client',
      state: 'qualified',
      since: 1_500,
      address: undefined,
      server: 0x08080808,
      mapped: undefined,
      nat: 'restricted',
      refreshIntervalMs: 30_000,
      isPortPreserving: undefined,
      offlineReason: undefined,
      nativeReachability,
      peers: 0,
      counters,
    };
    const report = dataPlaneStatus(status, facts());
    expect(report.nativeReachability).toEqual({ state: 'failing', since: '2026-01-01T00:00:02.500Z' });
    expect(report.since).toBe('2026-01-01T00:00:01.500Z');
    expect(statusReport({ role: 'client', version: '1.2.3' }, report).nativeReachability).toEqual(
      report.nativeReachability,
    );
  });
});

describe('devices', () => {
  const socket = () => ({ endpoint: { address: parseIpv4('127.0.0.1')!, port: 1 } });
  const losses = new DeviceLosses();
  const { sockets: drops, host: hostDrops } = losses;
  const netio: DevicesParts['netio'] = {
    openUdpSocket: (options) => ({ ...options, descriptor: 3 }) as unknown as UdpSocket,
    openTunDevice: (options) => ({ ...options, descriptor: 4 }) as unknown as TunDevice,
    openRawIpv6Sender: (options) => ({ ...options }) as unknown as RawIpv6Sender,
  };

  /** The devices, and what is listened to. */
  function open(settings: DeviceSettings, from: typeof netio = netio) {
    const receivers: unknown[] = [];
    const watched = { add: (receiver: unknown) => void receivers.push(receiver), remove: () => undefined };
    return { ...openDevices(settings, { netio: from, watched, losses }), receivers };
  }

  it('of a server are two sockets and raw output, which nothing is read from', () => {
    const settings = { sockets: [socket(), socket()], interfaceName: undefined, offload: false };
    const devices = open(settings);
    expect(devices.receivers).toMatchObject([{ portId: 0 }, { portId: 1, drops }]);
    expect(devices.host).not.toHaveProperty('descriptor');
  });

  it('of the others are one socket and a tunnel interface', () => {
    const devices = open({ sockets: [socket()], interfaceName: 'teredo', offload: true });
    expect(devices.receivers).toEqual([expect.objectContaining({ portId: 0 }), devices.host]);
    expect(devices.host).toMatchObject({ name: 'teredo', drops: hostDrops });
    expect(devices.ports.bound).toEqual([socket().endpoint]);
  });

  it('of a client may be four sockets, each with its number, and all are listened to', () => {
    const opened: unknown[] = [];
    const hasLargeBuffers = true;
    const discovery = { endpoint: { address: parseIpv4('224.0.0.253')!, port: 3544 } };
    const sockets = [
      { ...socket(), multicastInterface: 'lan0' },
      { ...discovery, multicastInterface: 'lan0' },
      { endpoint: { address: 0, port: 0 } },
    ];
    const openUdpSocket: typeof netio.openUdpSocket = (options) => {
      opened.push(options);
      return netio.openUdpSocket({ ...options, port: options.port === 0 ? 40_001 : options.port });
    };
    const settings = { sockets, interfaceName: 'teredo', offload: true };
    const devices = open(settings, { ...netio, openUdpSocket });
    expect(opened).toEqual([
      { portId: 0, address: parseIpv4('127.0.0.1'), port: 1, multicastInterface: 'lan0', hasLargeBuffers, drops },
      {
        portId: 1,
        address: parseIpv4('224.0.0.253'),
        port: 3544,
        multicastInterface: 'lan0',
        hasLargeBuffers,
        drops,
      },
      { portId: 2, address: 0, port: 0, multicastInterface: undefined, hasLargeBuffers, drops },
    ]);
    expect(devices.receivers.slice(0, 3)).toMatchObject([{ portId: 0 }, { portId: 1 }, { portId: 2 }]);
    expect(devices.receivers).toHaveLength(4);
    expect(devices.ports.bound).toEqual([
      { address: parseIpv4('127.0.0.1'), port: 1 },
      { address: parseIpv4('224.0.0.253'), port: 3544 },
      { address: 0, port: 40_001 },
    ]);
  });

  it('make no interface that others see when a port is taken', () => {
    const made: string[] = [];
    const openTunDevice: typeof netio.openTunDevice = (options) => {
      made.push(options.name);
      return netio.openTunDevice(options);
    };
    const openUdpSocket = () => {
      throw new NavalisError('address-in-use', 'Taken.');
    };
    const settings = { sockets: [socket()], interfaceName: 'teredo', offload: true };
    expect(() => open(settings, { ...netio, openTunDevice, openUdpSocket })).toThrow('Taken.');
    expect(made).toEqual([]);
  });

  it('[CL-U-10] of a client on standby are the tunnel interface alone', () => {
    const devices = open({ sockets: [], interfaceName: 'teredo', offload: false });
    expect(devices.receivers).toEqual([devices.host]);
    expect(devices.ports.bound).toEqual([]);
  });

  it('all send what is queued when they are flushed', () => {
    const flushed: string[] = [];
    const flushing = (name: string) => ({ flush: () => void flushed.push(name) }) as unknown as UdpSocket & TunDevice;
    flushDevices({ flushSockets: () => void flushed.push('sockets') }, { host: flushing('host') });
    expect(flushed).toEqual(['sockets', 'host']);
  });

  it('that cannot have their port say what to do: a server has no choice of ports', () => {
    const taken: typeof netio = {
      ...netio,
      openUdpSocket: () => {
        throw new NavalisError('address-in-use', 'UDP port 1 on 127.0.0.1 is in use by another program.');
      },
    };
    const failure = (interfaceName: string | undefined) => {
      try {
        open({ sockets: [socket()], interfaceName, offload: false }, taken);
      } catch (error) {
        return error;
      }
      return undefined;
    };
    expect(failure(undefined)).toMatchObject({
      code: 'address-in-use',
      message:
        'UDP port 1 on 127.0.0.1 is in use by another program. Stop that program: a server works on this port alone.',
    });
    expect(failure('teredo')).toMatchObject({
      code: 'address-in-use',
      message: 'UDP port 1 on 127.0.0.1 is in use by another program. Stop that program, or choose another bind-port.',
    });
  });
});
