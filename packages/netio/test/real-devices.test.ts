import { spawnSync } from 'node:child_process';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { portTurnoverSuite } from './compliance/port-turnover-suite.ts';
import { rawIpv6SenderSuite } from './compliance/raw-ipv6-sender-suite.ts';
import { tunDeviceSuite } from './compliance/tun-device-suite.ts';
import { udpSocketSuite } from './compliance/udp-socket-suite.ts';
import { openRawIpv6Harness, openTunHarness, openTurnoverHarness, openUdpHarness } from './real/harnesses.ts';
import { multicast } from './real/multicast.ts';
import { offloads } from './real/offloads.ts';
import { openingFailures } from './real/opening-failures.ts';
import { enterOwnNetwork, missingForRealDevices, missingForUserNamespace } from './real/own-network.ts';
import { ownPriority } from './real/own-priority.ts';
import { pollerAndThreads } from './real/poller-and-threads.ts';
import { tunPace } from './real/tun-pace.ts';
import { udpOnTheWire } from './real/udp-on-the-wire.ts';

const missing = missingForRealDevices();
const missingThere = missing === undefined ? undefined : missingForUserNamespace();

if (missing === undefined) {
  describe('real devices', () => {
    let leave: () => void;
    beforeAll(() => {
      leave = enterOwnNetwork();
    });
    afterAll(() => leave());

    for (const offload of [true, false]) {
      const name = `Linux, offloads ${offload ? 'on' : 'off'}`;
      udpSocketSuite(name, () => openUdpHarness(offload));
      tunDeviceSuite(name, () => openTunHarness(offload));
    }
    rawIpv6SenderSuite('Linux', openRawIpv6Harness);
    portTurnoverSuite('Linux', openTurnoverHarness);
    openingFailures();
    ownPriority();
    pollerAndThreads();
    udpOnTheWire();
    multicast();
    offloads();
    tunPace();
  });
} else if (missingThere === undefined) {
  it('real devices, in a user namespace', { timeout: 120_000 }, () => {
    const vitest = join(dirname(createRequire(import.meta.url).resolve('vitest/package.json')), 'vitest.mjs');
    const words = ['--map-root-user', process.execPath, vitest, 'run', '--config', '../../vitest.config.ts'];
    const child = spawnSync('unshare', [...words, '--reporter=default', 'real-devices'], {
      cwd: join(import.meta.dirname, '..'),
      encoding: 'utf8',
    });
    expect(child.status, `${child.stdout}${child.stderr}`).toBe(0);
  });
} else if (process.getuid?.() === 0) {
  it('real devices', () => expect.fail(missing));
} else {
  it.skip(`real devices: ${missingThere}`);
}
