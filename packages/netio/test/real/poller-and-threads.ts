import { once } from 'node:events';
import { Worker } from 'node:worker_threads';
import { createPacketRun, pointRunAt } from '@navalis/engine';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { DeviceDropCounts } from '../../src/drop-sink.ts';
import { type Netio, openLinuxNetio, type UdpSocket, wakePoller } from '../../src/index.ts';
import { ownThread } from './test-kernel.ts';

const loopback = 0x7f000001;

/** Long enough for a busy machine, and the end of a test that fails. */
const patienceMs = 20_000;

/** Tests that need real threads and signals. */
export function pollerAndThreads(): void {
  describe('a poller that blocks', () => {
    let netio: Netio;

    beforeEach(() => {
      netio = openLinuxNetio({ offload: true });
    });
    afterEach(() => netio.close());

    it('is woken by another thread', { timeout: patienceMs * 2 }, async () => {
      const poller = netio.openPoller();
      const code = `require('node:fs').writeSync(require('node:worker_threads').workerData, new Uint8Array([1,0,0,0,0,0,0,0]))`;
      const worker = new Worker(code, { eval: true, workerData: poller.wakeDescriptor });
      const exited = once(worker, 'exit');
      // The thread blocks here, so that only the other one can end it.
      expect(poller.wait(patienceMs)).toBe(0);
      expect(poller.woken).toBe(true);
      await exited;
    });

    it('[CL-D-12] ignores a removed device, before and after it is closed', () => {
      const poller = netio.openPoller();
      const drops = new DeviceDropCounts();
      const [left, kept] = [1, 2].map(() => netio.openUdpSocket({ portId: 0, address: loopback, port: 0, drops }));
      const indexes = [left!, kept!].map((socket) => poller.watch(socket));
      const sendTo = (socket: UdpSocket) => {
        const run = createPacketRun(new Uint8Array(40));
        pointRunAt(run, 0, 40);
        kept!.queue(run, loopback, socket.port);
        kept!.flush();
      };
      sendTo(left!);
      poller.wait(patienceMs);
      expect(poller.isReady(indexes[0]!)).toBe(true);
      poller.unwatch(left!);
      expect(poller.isReady(indexes[0]!)).toBe(false);
      expect(poller.wait(0)).toBe(0);
      left!.close();
      expect(poller.wait(0)).toBe(0);
      sendTo(kept!);
      expect(poller.wait(patienceMs)).toBe(1);
      expect(indexes.map((index) => poller.isReady(index))).toEqual([false, true]);
    });

    it('[CL-Q-31] watches a socket that replaced another one, under the same index', () => {
      const poller = netio.openPoller();
      const drops = new DeviceDropCounts();
      const [moved, other] = [1, 2].map(() => netio.openUdpSocket({ portId: 0, address: loopback, port: 0, drops }));
      const indexes = [moved!, other!].map((socket) => poller.watch(socket));
      const run = createPacketRun(new Uint8Array(40));
      pointRunAt(run, 0, 40);
      const sendTo = (port: number) => {
        other!.queue(run, loopback, port);
        other!.flush();
      };
      sendTo(moved!.port);
      poller.wait(patienceMs);
      poller.unwatch(moved!);
      moved!.close();
      const instead = netio.openUdpSocket({ portId: 0, address: loopback, port: 0, drops });
      expect(poller.watch(instead)).toBe(indexes[0]);
      // The datagram that waited on the old port is gone.
      expect(poller.isReady(indexes[0]!)).toBe(false);
      expect(poller.wait(0)).toBe(0);
      sendTo(instead.port);
      expect(poller.wait(patienceMs)).toBe(1);
      expect(indexes.map((index) => poller.isReady(index))).toEqual([true, false]);
    });

    it('ends its wait at a signal, with nothing ready', { timeout: patienceMs * 2 }, async () => {
      const poller = netio.openPoller();
      wakePoller(poller.wakeDescriptor);
      poller.wait(0);
      const signalled = once(process, 'SIGUSR2');
      // The kernel may deliver a process's signal to any of its threads; this one's wait must end.
      const code = `
        const { pid, thread } = require('node:worker_threads').workerData;
        const { load } = require('koffi');
        setTimeout(() => load(null).func('int tgkill(int pid, int thread, int signal)')(pid, thread, 12), 300);`;
      const workerData = { pid: process.pid, thread: ownThread() };
      const worker = new Worker(code, { eval: true, workerData });
      const exited = once(worker, 'exit');
      const startedAt = Date.now();
      expect(poller.wait(patienceMs)).toBe(0);
      expect(Date.now() - startedAt).toBeLessThan(patienceMs);
      expect(poller.woken).toBe(false);
      await Promise.all([exited, signalled]);
    });

    it.each([Number.POSITIVE_INFINITY, 2 ** 31, 1e300, 0.1, 0, -5])('takes %d ms for a time', (timeoutMs) => {
      const poller = netio.openPoller();
      wakePoller(poller.wakeDescriptor);
      expect(poller.wait(timeoutMs)).toBe(0);
      expect(poller.woken).toBe(true);
    });
  });
}
