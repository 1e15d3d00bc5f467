import { createDatagramRun, NavalisError, pointRunAt } from '@navalis/engine';
import { DeviceDropCounts } from '@navalis/netio';
import { FakeNetio } from '@navalis/netio/testing';
import { describe, expect, it } from 'vitest';
import { WatchedDevices } from '../../src/worker/loop/watched-devices.ts';
import { Ports } from '../../src/worker/ports.ts';

const loopback = 0x7f000001;
const other = 0x7f000002;
const peer = { address: loopback, port: 9 };

function scene() {
  const netio = new FakeNetio([loopback, other]);
  const drops = new DeviceDropCounts();
  const poller = netio.openPoller();
  const watched = new WatchedDevices(poller);
  const ports = new Ports({ netio, watched, drops });
  ports.openFirst({ endpoint: { address: loopback, port: 4000 }, multicastInterface: 'lan0' });
  const receivedFrom = () => {
    const seen: number[] = [];
    poller.wait(0);
    watched.receivers.forEach((receiver, index) => {
      if (!poller.isReady(index)) return;
      receiver?.receive({ handleDatagrams: (run: { portId: number }) => seen.push(run.portId) } as never, 0, 64);
    });
    return seen;
  };
  return { netio, drops, poller, watched, ports, receivedFrom };
}

const run = createDatagramRun(new Uint8Array(40));
pointRunAt(run, 0, 40);

describe('the ports of a data plane', () => {
  it('[CL-Q-31] are opened like others: at the same address and interface, at any free port, and are looked at', () => {
    const { netio, ports, receivedFrom } = scene();
    expect(ports.open({ like: 0, carriesData: true })).toEqual({ id: 1, address: loopback, port: 49_152 });
    netio.sockets[1]!.arrive(new Uint8Array(1), peer);
    netio.sockets[0]!.arrive(new Uint8Array(1), peer);
    expect(receivedFrom()).toEqual([0, 1]);
    ports.queue(run, peer.address, peer.port, 1);
    netio.flushSockets();
    expect(netio.sockets.map((socket) => socket.takeSent().length)).toEqual([0, 1]);
  });

  it('have room for many datagrams where data comes and goes, else what the kernel gives', () => {
    const { netio, ports } = scene();
    ports.open({ like: 0, carriesData: true });
    ports.open({ like: 0, carriesData: false });
    expect(netio.sockets.map(({ hasLargeBuffers }) => hasLargeBuffers)).toEqual([true, true, false]);
    expect(netio.sockets.map(({ multicastInterface }) => multicastInterface)).toEqual(['lan0', 'lan0', 'lan0']);
  });

  it('are closed after what was sent from them has left, and their numbers and places are given again', () => {
    const { netio, poller, ports, watched, receivedFrom } = scene();
    const opened = [1, 2].map(() => ports.open({ like: 0, carriesData: false }));
    expect(opened).toMatchObject([{ id: 1 }, { id: 2 }]);
    ports.queue(run, peer.address, peer.port, 1);
    netio.sockets[1]!.arrive(new Uint8Array(1), peer);
    poller.wait(0);
    ports.close(1);
    ports.close(1);
    expect([netio.sockets[1]!.closed, netio.sockets[1]!.takeSent().length]).toEqual([true, 1]);
    expect(receivedFrom()).toEqual([]);
    expect(watched.receivers.map((receiver) => receiver !== undefined)).toEqual([true, false, true]);
    expect(ports.open({ like: 2, carriesData: false })).toMatchObject({ id: 1 });
    expect(watched.receivers.map((receiver) => receiver !== undefined)).toEqual([true, true, true]);
  });

  it('[CL-Q-31] follow a service port that is replaced by another one', () => {
    const { ports } = scene();
    expect(ports.open({ like: 0, carriesData: true })).toMatchObject({ id: 1 });
    ports.close(0);
    expect(ports.open({ like: 1, carriesData: true })).toMatchObject({ id: 0, address: loopback });
  });

  it('are refused with the reason, and nothing is left open', () => {
    const { netio, ports } = scene();
    const request = { like: 0, carriesData: false };
    netio.descriptorLimit = netio.openDescriptors;
    expect(ports.open(request)).toBe('descriptor-limit');
    netio.descriptorLimit = Number.POSITIVE_INFINITY;
    netio.ownAddresses = [other];
    expect(ports.open(request)).toBe('address-gone');
    netio.ownAddresses = [loopback];
    expect(ports.open({ like: 7, carriesData: false })).toBe('address-gone');
    expect(ports.open(request)).toMatchObject({ id: 1 });
  });

  it('are 96 at most, so that 64 more have their place beside those of the start', () => {
    const { netio, ports } = scene();
    for (let id = 1; id < 96; id++) expect(ports.open({ like: 0, carriesData: false })).toMatchObject({ id });
    expect(ports.open({ like: 0, carriesData: false })).toBe('table-full');
    // The tunnel interface has its place in the poller still.
    netio.pollers[0]!.watch({ descriptor: 7 });
    ports.close(50);
    expect(ports.open({ like: 0, carriesData: false })).toMatchObject({ id: 50 });
  });

  it('are refused by a kernel that has a reason of its own, and do not hide a defect', () => {
    const { netio, watched, drops } = scene();
    const failing = (error: Error) => {
      const ports = new Ports({
        netio: {
          openUdpSocket: (options) => {
            if (options.portId > 0) throw error;
            return netio.openUdpSocket(options);
          },
        },
        watched,
        drops,
      });
      ports.openFirst({ endpoint: { address: other, port: 0 } });
      return () => ports.open({ like: 0, carriesData: false });
    };
    expect(failing(new NavalisError('system-call-failed', 'ENOBUFS.'))()).toBe('system-refused');
    expect(failing(new NavalisError('no-interface', 'No lan0.'))()).toBe('address-gone');
    expect(failing(new TypeError('a defect'))).toThrow('a defect');
  });

  it('count what is sent from one that is not open', () => {
    const { drops, ports } = scene();
    ports.queue({ ...run, count: 3 }, peer.address, peer.port, 5);
    expect(drops.snapshot()).toEqual({ 'send-failed': 3 });
  });

  it('64 of them, opened and closed 1,000 times, leave no descriptor and no place', () => {
    const { netio, ports, watched } = scene();
    const before = netio.openDescriptors;
    for (let round = 0; round < 1000; round++) {
      const opened = Array.from({ length: 64 }, () => ports.open({ like: 0, carriesData: false }));
      expect(opened.map((each) => typeof each === 'object' && each.id)).toEqual(opened.map((_, place) => place + 1));
      for (const each of opened) if (typeof each === 'object') ports.close(each.id);
    }
    expect(netio.openDescriptors).toBe(before);
    expect(watched.receivers.filter((receiver) => receiver !== undefined)).toHaveLength(1);
    expect(watched.receivers.length).toBeLessThanOrEqual(65);
  });
});
