import type { Ipv4Endpoint, Ipv4Value } from '@navalis/address';
import { NavalisError } from '@navalis/engine';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { DeviceDropCounts } from '../../src/drop-sink.ts';
import type { Netio } from '../../src/netio.ts';
import type { UdpSocket } from '../../src/udp-socket.ts';
import { drain, dropsOf, ipv6Packet, RecordingSink, runOf, runOfSeveral, superSegment } from './packets.ts';

export interface UdpHarness {
  readonly netio: Netio;
  /** An address of this host that the peer reaches. */
  readonly ownAddress: Ipv4Value;
  /** Another program's endpoint. */
  readonly peer: Ipv4Endpoint;
  /** The peer sends these to the socket, in this order. */
  sendFromPeer(socket: UdpSocket, payloads: readonly Uint8Array[]): void;
  /** Returns the datagrams that the peer received from that socket since the last call; waits until there are `count`. */
  takeAtPeer(socket: UdpSocket, count: number): Uint8Array[];
  close(): void;
}

/** Tests the contract of every `UdpSocket`. */
export function udpSocketSuite(name: string, open: () => UdpHarness): void {
  describe(`UdpSocket: ${name}`, () => {
    let harness: UdpHarness;
    let counters: DeviceDropCounts;
    let socket: UdpSocket;

    beforeEach(() => {
      harness = open();
      counters = new DeviceDropCounts();
      socket = harness.netio.openUdpSocket({ portId: 0, address: harness.ownAddress, port: 0, drops: counters });
    });
    afterEach(() => {
      harness.netio.close();
      harness.close();
    });

    const queue = (...payloads: Uint8Array[]) => {
      for (const payload of payloads) socket.queue(runOf(payload), harness.peer.address, harness.peer.port);
    };
    const receiveAll = (sink: RecordingSink, count: number) =>
      drain({ receive: (budget) => socket.receive(sink, 7, budget) }, () => sink.datagrams.length >= count);

    it('chooses a free port and reports it', () => {
      expect(socket.address).toBe(harness.ownAddress);
      expect(socket.port).toBeGreaterThan(0);
      expect(socket.portId).toBe(0);
    });

    it('hands over datagrams in their order with their source', () => {
      const payloads = [ipv6Packet(10, 1), new Uint8Array([9]), ipv6Packet(1240, 3), new Uint8Array(0)];
      harness.sendFromPeer(socket, payloads);
      const sink = new RecordingSink();
      receiveAll(sink, 4);
      expect(sink.datagrams).toEqual(
        payloads.map((payload) => ({
          payload,
          sourceAddress: harness.peer.address,
          sourcePort: harness.peer.port,
          portId: 0,
          now: 7,
        })),
      );
    });

    it('reuses one run', () => {
      harness.sendFromPeer(socket, [ipv6Packet(1, 1), ipv6Packet(2, 2)]);
      const sink = new RecordingSink();
      receiveAll(sink, 2);
      expect(sink.runs.size).toBe(1);
    });

    it('hands over no more than the budget, and the rest later', () => {
      harness.sendFromPeer(
        socket,
        [1, 2, 3, 4, 5].map((fill) => ipv6Packet(4, fill)),
      );
      const first = new RecordingSink();
      drain({ receive: () => socket.receive(first, 0, 2) }, () => first.datagrams.length > 0);
      expect(first.datagrams.length).toBeLessThanOrEqual(2);
      const rest = new RecordingSink();
      receiveAll(rest, 5 - first.datagrams.length);
      expect([...first.datagrams, ...rest.datagrams].map(({ payload }) => payload[40])).toEqual([1, 2, 3, 4, 5]);
    });

    it('hands over no more datagrams after the sink closed it', () => {
      // Each longer than the one before, so that each is a run.
      const payloads = [1, 2, 3].map((fill) => ipv6Packet(4 + fill, fill));
      harness.sendFromPeer(socket, payloads);
      const sink = new RecordingSink(() => socket.close());
      drain({ receive: (budget) => socket.receive(sink, 0, budget) }, () => sink.datagrams.length > 0);
      expect(sink.datagrams.map(({ payload }) => payload)).toEqual([payloads[0]]);
    });

    it('returns 0 when nothing waits', () => {
      expect(socket.receive(new RecordingSink(), 0, 64)).toBe(0);
    });

    it('carries the largest datagrams whole, in both directions', () => {
      const largest = ipv6Packet(65_507 - 40, 0x5a);
      harness.sendFromPeer(socket, [largest]);
      const sink = new RecordingSink();
      receiveAll(sink, 1);
      expect(Buffer.compare(sink.datagrams[0]!.payload, largest)).toBe(0);
      queue(largest);
      socket.flush();
      const arrived = harness.takeAtPeer(socket, 1);
      expect(arrived.map((payload) => Buffer.compare(payload, largest))).toEqual([0]);
    });

    it('sends in the order of the queue', () => {
      const payloads = [ipv6Packet(0, 1), ipv6Packet(1240, 2), new Uint8Array([1, 2, 3])];
      queue(...payloads);
      socket.flush();
      expect(harness.takeAtPeer(socket, 3)).toEqual(payloads);
      expect(dropsOf(counters)).toEqual({});
    });

    it('copies datagrams that are not in the memory of a device', () => {
      const payload = ipv6Packet(100, 1);
      queue(payload);
      payload.fill(0xee);
      socket.flush();
      expect(harness.takeAtPeer(socket, 1)).toEqual([ipv6Packet(100, 1)]);
    });

    it('sends datagrams that it received without a copy', () => {
      harness.sendFromPeer(socket, [ipv6Packet(8, 1), ipv6Packet(9, 2)]);
      const sink = new RecordingSink((run) => {
        socket.queue(run, harness.peer.address, harness.peer.port);
        // A copy would keep the old octet.
        run.memory[run.offset + 7] = 63;
      });
      const sent: Uint8Array[] = [];
      while (sent.length < 2) {
        drain({ receive: (budget) => socket.receive(sink, 0, budget) }, () => sink.datagrams.length > sent.length);
        socket.flush();
        sent.push(...harness.takeAtPeer(socket, sink.datagrams.length - sent.length));
      }
      expect(sent.map((payload) => [payload.length, payload[7]])).toEqual([
        [48, 63],
        [49, 63],
      ]);
    });

    it('sends a view of memory from the start of the view', () => {
      const around = new Uint8Array(300).fill(0xee);
      around.set(ipv6Packet(20, 4), 100);
      const run = runOf(around.subarray(90));
      socket.queue(
        { ...run, offset: 10, packetLength: 60, lastPacketLength: 60 },
        harness.peer.address,
        harness.peer.port,
      );
      socket.flush();
      expect(harness.takeAtPeer(socket, 1)).toEqual([ipv6Packet(20, 4)]);
    });

    it('makes one datagram of each packet of a run', () => {
      const packets = [ipv6Packet(60, 1), ipv6Packet(60, 2), ipv6Packet(20, 3)];
      socket.queue(runOfSeveral(packets, 128), harness.peer.address, harness.peer.port);
      socket.flush();
      expect(harness.takeAtPeer(socket, 3)).toEqual(packets);
    });

    it('[TU-08] makes ChannelData of each packet of a run that goes through a channel', () => {
      const packets = [ipv6Packet(60, 1), ipv6Packet(60, 2), ipv6Packet(21, 3)];
      socket.queue(runOfSeveral(packets, 128), harness.peer.address, harness.peer.port, 0x4007);
      socket.flush();
      const expected = packets.map((packet) => Uint8Array.of(0x40, 7, 0, packet.length, ...packet));
      expect(harness.takeAtPeer(socket, 3)).toEqual(expected);
      expect(dropsOf(counters)).toEqual({});
    });

    it('drops runs that only an offload could cut, and counts each packet', () => {
      socket.queue(superSegment(), harness.peer.address, harness.peer.port);
      socket.flush();
      expect(dropsOf(counters)).toEqual({ 'send-failed': 4 });
    });

    it('flushes by itself when the batch is full', () => {
      const payloads = Array.from({ length: 150 }, (_, index) => ipv6Packet(index, index));
      queue(...payloads);
      const early = harness.takeAtPeer(socket, 64);
      socket.flush();
      const late = harness.takeAtPeer(socket, 150 - early.length);
      expect(early.length).toBeGreaterThanOrEqual(64);
      expect([...early, ...late]).toEqual(payloads);
    });

    it('[CL-Q-31] is replaced by another port, which receives and sends', () => {
      const before = { port: socket.port };
      const { offloads } = harness.netio;
      const instead = harness.netio.openUdpSocket({ portId: 0, address: socket.address, port: 0, drops: counters });
      socket.close();
      socket = instead;
      expect(socket.port).not.toBe(before.port);
      expect(socket.port).toBeGreaterThan(0);
      expect(harness.netio.offloads).toEqual(offloads);
      harness.sendFromPeer(socket, [ipv6Packet(10, 1)]);
      const sink = new RecordingSink();
      receiveAll(sink, 1);
      expect(sink.datagrams).toMatchObject([{ payload: ipv6Packet(10, 1), portId: 0 }]);
      queue(ipv6Packet(10, 2));
      socket.flush();
      expect(harness.takeAtPeer(socket, 1)).toEqual([ipv6Packet(10, 2)]);
      // The old port is free for others.
      const drops = new DeviceDropCounts();
      const next = { portId: 0, address: harness.ownAddress, port: before.port, drops } as const;
      expect(harness.netio.openUdpSocket(next).port).toBe(before.port);
    });

    it('sends datagrams queued alternately on several sockets, in the order of each', () => {
      const others = [1, 2].map((portId) =>
        harness.netio.openUdpSocket({ portId, address: harness.ownAddress, port: 0, drops: counters }),
      );
      const all = [socket, ...others];
      for (let fill = 0; fill < 30; fill++) {
        for (const each of all) each.queue(runOf(ipv6Packet(20, fill)), harness.peer.address, harness.peer.port);
      }
      harness.netio.flushSockets();
      const expected = Array.from({ length: 30 }, (_, fill) => ipv6Packet(20, fill));
      expect(all.map((each) => harness.takeAtPeer(each, 30))).toEqual([expected, expected, expected]);
      expect(dropsOf(counters)).toEqual({});
    });

    it('sends the queued datagrams before it closes, and leaves none to other sockets', () => {
      const other = harness.netio.openUdpSocket({ portId: 1, address: harness.ownAddress, port: 0, drops: counters });
      queue(ipv6Packet(1, 1));
      socket.close();
      expect(harness.takeAtPeer(socket, 1)).toEqual([ipv6Packet(1, 1)]);
      other.queue(runOf(ipv6Packet(1, 2)), harness.peer.address, harness.peer.port);
      other.flush();
      expect(harness.takeAtPeer(other, 1)).toEqual([ipv6Packet(1, 2)]);
    });

    it('is one of 65 that are open at once, each of which receives its own datagrams', () => {
      const poller = harness.netio.openPoller();
      const options = { address: harness.ownAddress, port: 0, drops: counters };
      const others = Array.from({ length: 64 }, (_, place) =>
        harness.netio.openUdpSocket({ ...options, portId: 1 + place }),
      );
      const sockets = [socket, ...others];
      const indexes = sockets.map((each) => poller.watch(each));
      for (const each of sockets) harness.sendFromPeer(each, [ipv6Packet(each.portId, each.portId)]);
      const sink = new RecordingSink();
      const receive = () => {
        poller.wait(5000);
        sockets.forEach((each, place) => void (poller.isReady(indexes[place]!) && each.receive(sink, 0, 64)));
        return 0;
      };
      drain({ receive }, () => sink.datagrams.length >= 65);
      expect(sink.datagrams.map(({ payload, portId }) => [payload.length - 40, portId])).toEqual(
        sockets.map(({ portId }) => [portId, portId]),
      );
    });

    it('takes turns with other sockets in the same memory', () => {
      const other = harness.netio.openUdpSocket({ portId: 1, address: harness.ownAddress, port: 0, drops: counters });
      harness.sendFromPeer(socket, [ipv6Packet(1, 1), ipv6Packet(3, 2)]);
      harness.sendFromPeer(other, [ipv6Packet(2, 3)]);
      // Closing in the middle of a batch must not spoil what the next socket receives there.
      const first = new RecordingSink(() => socket.close());
      drain({ receive: (budget) => socket.receive(first, 0, budget) }, () => first.datagrams.length > 0);
      const second = new RecordingSink();
      drain({ receive: (budget) => other.receive(second, 0, budget) }, () => second.datagrams.length > 0);
      expect(second.datagrams).toMatchObject([
        { payload: ipv6Packet(2, 3), portId: 1, sourceAddress: harness.peer.address, sourcePort: harness.peer.port },
      ]);
    });

    it('skips and counts a datagram that cannot be sent, and sends those around it', () => {
      const before = ipv6Packet(1, 1);
      const after = ipv6Packet(1, 2);
      queue(before);
      socket.queue(runOf(ipv6Packet(1, 9)), harness.peer.address, 0);
      queue(new Uint8Array(65_508), after);
      socket.flush();
      expect(harness.takeAtPeer(socket, 2)).toEqual([before, after]);
      expect(dropsOf(counters)).toEqual({ 'send-failed': 2 });
    });

    it('sends nothing twice', () => {
      queue(ipv6Packet(1, 1));
      socket.flush();
      socket.flush();
      queue(ipv6Packet(1, 2));
      socket.flush();
      expect(harness.takeAtPeer(socket, 2)).toEqual([ipv6Packet(1, 1), ipv6Packet(1, 2)]);
    });

    it('reports that the port is taken', () => {
      const again = () =>
        harness.netio.openUdpSocket({
          ...socket,
          portId: 0,
          address: socket.address,
          port: socket.port,
          drops: counters,
        });
      expect(again).toThrow(expect.objectContaining({ code: 'address-in-use' }));
      expect(again).toThrow(NavalisError);
      expect(again).toThrow(String(socket.port));
    });

    it('reports that the address is not one of this host', () => {
      const foreign = () => harness.netio.openUdpSocket({ portId: 0, address: 0xc0000201, port: 0, drops: counters });
      expect(foreign).toThrow(expect.objectContaining({ code: 'address-not-available' }));
      expect(foreign).toThrow('192.0.2.1');
    });

    it('takes any address', () => {
      const any = harness.netio.openUdpSocket({ portId: 1, address: 0, port: 0, drops: counters });
      expect(any.address).toBe(0);
      expect(any.portId).toBe(1);
    });

    it('gives its port back when it is closed, also twice', () => {
      const { port, address } = socket;
      socket.close();
      socket.close();
      const next = harness.netio.openUdpSocket({ portId: 0, address, port, drops: counters });
      expect(next.port).toBe(port);
    });

    it('makes a poller ready while something waits', () => {
      const poller = harness.netio.openPoller();
      const index = poller.watch(socket);
      expect(poller.wait(0)).toBe(0);
      expect(poller.isReady(index)).toBe(false);
      harness.sendFromPeer(socket, [ipv6Packet(1, 1)]);
      expect(poller.wait(5000)).toBe(1);
      expect(poller.isReady(index)).toBe(true);
      receiveAll(new RecordingSink(), 1);
      expect(poller.wait(0)).toBe(0);
      expect(poller.isReady(index)).toBe(false);
    });
  });
}
