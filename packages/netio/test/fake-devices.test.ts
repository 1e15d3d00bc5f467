import { describe, expect, it } from 'vitest';
import { DeviceDropCounts } from '../src/drop-sink.ts';
import { FakeNetio } from '../src/testing.ts';
import { dropsOf, ipv6Packet, RecordingSink, runOf } from './compliance/packets.ts';
import { portTurnoverSuite } from './compliance/port-turnover-suite.ts';
import { rawIpv6SenderSuite } from './compliance/raw-ipv6-sender-suite.ts';
import { tunDeviceSuite } from './compliance/tun-device-suite.ts';
import { udpSocketSuite } from './compliance/udp-socket-suite.ts';

const loopback = 0x7f000001;

udpSocketSuite('fake', () => {
  const netio = new FakeNetio([loopback]);
  const peer = { address: loopback, port: 5000 };
  const fakeOf = (port: number) => netio.sockets.find((socket) => socket.port === port)!;
  return {
    netio,
    ownAddress: loopback,
    peer,
    sendFromPeer(socket, payloads) {
      for (const payload of payloads) fakeOf(socket.port).arrive(payload, peer);
    },
    takeAtPeer: (socket) =>
      fakeOf(socket.port)
        .takeSent()
        .map(({ payload, endpoint }) => {
          expect(endpoint).toEqual(peer);
          return payload;
        }),
    close() {},
  };
});

tunDeviceSuite('fake', () => {
  const netio = new FakeNetio([]);
  const fake = () => netio.tunnels[0]!;
  return {
    netio,
    setUp() {},
    sendFromHost(_, packets) {
      for (const packet of packets) fake().sendFromHost(packet);
    },
    takeAtHost: () => fake().takeToHost(),
    close() {},
  };
});

portTurnoverSuite('fake', () => {
  const netio = new FakeNetio([loopback]);
  return {
    netio,
    ownAddress: loopback,
    used: () => ({ descriptors: netio.openDescriptors, octets: 0 }),
  };
});

rawIpv6SenderSuite('fake', () => {
  const netio = new FakeNetio([]);
  const address = (last: number) => new Uint8Array([0x20, 1, 0x0d, 0xb8, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, last]);
  return {
    netio,
    destinations: [address(2), address(3)],
    takeSent: () => netio.senders[0]!.takeSent(),
    close() {},
  };
});

describe('the additions of fakes for tests', () => {
  it('counts datagrams flushed into a full buffer', () => {
    const counters = new DeviceDropCounts();
    const socket = new FakeNetio([loopback]).openUdpSocket({
      portId: 0,
      address: loopback,
      port: 0,
      drops: counters,
    });
    socket.sendBufferFull = true;
    socket.queue(runOf(ipv6Packet(1, 1)), loopback, 1);
    socket.flush();
    expect(socket.takeSent()).toEqual([]);
    expect(dropsOf(counters)).toEqual({ 'send-buffer-full': 1 });
  });

  it('reveals a run that is kept beyond the next receive', () => {
    const netio = new FakeNetio([loopback]);
    const drops = new DeviceDropCounts();
    const tunnel = netio.openTunDevice({ name: 'nv0', drops });
    const socket = netio.openUdpSocket({ portId: 0, address: loopback, port: 0, drops });
    tunnel.sendFromHost(ipv6Packet(1, 1));
    tunnel.receive(new RecordingSink((run) => socket.queue(run, loopback, 1)), 0, 64);
    tunnel.receive(new RecordingSink(), 0, 64);
    socket.flush();
    expect(socket.takeSent()[0]!.payload).toEqual(new Uint8Array(41).fill(0xdd));
  });

  it('wakes a poller', () => {
    const poller = new FakeNetio([]).openPoller();
    poller.wake();
    poller.wait(0);
    expect(poller.woken).toBe(true);
    poller.wait(0);
    expect(poller.woken).toBe(false);
  });
});
