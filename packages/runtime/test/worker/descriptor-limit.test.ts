import { spawnSync } from 'node:child_process';
import { readdirSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { Ipv4Policy } from '@navalis/address';
import { createClientEngine } from '@navalis/client-core';
import type { EngineEvent, OpenedPort } from '@navalis/engine';
import { seededRandom } from '@navalis/engine/testing';
import { openLinuxNetio } from '@navalis/netio';
import { expect, it } from 'vitest';
import { DeviceLosses } from '../../src/worker/device-losses.ts';
import { DeviceOutputs } from '../../src/worker/device-outputs.ts';
import { openDevices } from '../../src/worker/devices.ts';
import { WatchedDevices } from '../../src/worker/loop/watched-devices.ts';

const loopback = 0x7f000001;
/** More than vitest needs, fewer than it needs with all the ports that a data plane may have. */
const descriptorLimit = 100;
const mark = 'NAVALIS_FEW_DESCRIPTORS';

if (process.env[mark] === undefined) {
  it('a client whose process has no descriptor left', { timeout: 120_000 }, () => {
    const vitest = join(dirname(createRequire(import.meta.url).resolve('vitest/package.json')), 'vitest.mjs');
    const words = [
      `--nofile=${descriptorLimit}`,
      process.execPath,
      vitest,
      'run',
      '--config',
      '../../vitest.config.ts',
    ];
    const child = spawnSync('prlimit', [...words, '--reporter=default', 'descriptor-limit'], {
      cwd: join(import.meta.dirname, '../..'),
      encoding: 'utf8',
      env: { ...process.env, [mark]: '1' },
    });
    expect(child.error).toBeUndefined();
    expect(child.status, `${child.stdout}${child.stderr}`).toBe(0);
  });
} else {
  it('counts the port that it could not open, keeps the one that it has, and opens others later', () => {
    const netio = openLinuxNetio({ offload: false });
    const losses = new DeviceLosses();
    const watched = new WatchedDevices(netio.openPoller());
    // Instead of a tunnel interface, which needs privileges.
    const host = { queue: () => undefined, flush: () => undefined, close: () => undefined };
    const parts = { netio: { ...opening(netio), openRawIpv6Sender: () => host }, watched, losses };
    const sockets = [{ endpoint: { address: loopback, port: 0 } }];
    const { ports } = openDevices({ sockets, interfaceName: undefined, offload: false }, parts);
    const events: EngineEvent[] = [];
    const outputs = new DeviceOutputs(ports, host, (event) => void events.push(event));
    const [local] = ports.bound;
    const client = createClientEngine(
      {
        servers: [{ primary: 0x08080808, secondary: 0x08080809 }],
        local: local!,
        policy: new Ipv4Policy({ strictness: 'strict' }),
      },
      outputs,
      seededRandom(1),
    );
    const opened: OpenedPort[] = [];
    let refusal: unknown;
    while (refusal === undefined) {
      const answer = outputs.openPort({ like: 0, carriesData: false });
      if (typeof answer === 'string') refusal = answer;
      else opened.push(answer);
    }
    expect(refusal).toBe('descriptor-limit');
    const descriptors = () => readdirSync('/proc/self/fd').length;
    // One for the look itself, for which a port has to make room.
    outputs.closePort(opened.pop()!.id);
    const full = descriptors();
    opened.push(outputs.openPort({ like: 0, carriesData: false }) as OpenedPort);

    // Three solicitations without an answer: the client wants another port.
    client.start(0);
    const silence = (until: number) => {
      while (client.nextDeadline() <= until) client.handleDeadline(client.nextDeadline());
    };
    silence(12_000);
    expect(client.status()).toMatchObject({ state: 'off-line', counters: { portsRefused: 1 } });
    expect(events).toContainEqual({ kind: 'port-refused', reason: 'descriptor-limit' });
    expect(events.filter(({ kind }) => kind === 'port-changed')).toEqual([]);

    outputs.closePort(opened.pop()!.id);
    expect(descriptors()).toBe(full);
    silence(40_000);
    expect(client.status().counters.portsRefused).toBe(1);
    expect(events.filter(({ kind }) => kind === 'port-changed').length).toBeGreaterThan(0);
    // The new port took the place of the old one.
    expect(descriptors()).toBe(full);
    netio.close();
  });
}

function opening(netio: ReturnType<typeof openLinuxNetio>) {
  return {
    openUdpSocket: netio.openUdpSocket.bind(netio),
    openTunDevice: netio.openTunDevice.bind(netio),
  };
}
