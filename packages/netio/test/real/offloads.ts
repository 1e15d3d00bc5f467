import type { DatagramRun } from '@navalis/engine';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { DeviceDropCounts } from '../../src/drop-sink.ts';
import { type Netio, openLinuxNetio } from '../../src/index.ts';
import { drain, RecordingSink, runOf } from '../compliance/packets.ts';
import { tcpPacket } from '../offload/packets.ts';
import { slowSegments } from '../offload/slow-offload.ts';
import { openTunHarness } from './harnesses.ts';
import { ip } from './own-network.ts';

const loopback = 0x7f000001;

/** Runs without any offload: all datagrams that wait come with one call. */
function runsOfSingleDatagrams(): void {
  // Loopback may deliver late on a busy machine, and then there are more and shorter runs.
  it('separate datagrams of one flow are one run if no other datagram is between them', { retry: 5 }, () => {
    const netio = openLinuxNetio({ offload: false });
    try {
      const drops = new DeviceDropCounts();
      const [sender, receiver] = [1, 2].map(() =>
        netio.openUdpSocket({ portId: 0, address: loopback, port: 0, drops }),
      );
      const packets = flow(9, 200);
      packets[4] = tcpPacket({ sequence: 0, flow: 1 }, new Uint8Array(200));
      packets[8] = tcpPacket({ sequence: 1600 }, new Uint8Array(3));
      for (const packet of packets) sender!.queue(runOf(packet), loopback, receiver!.port);
      sender!.flush();
      const counts: number[] = [];
      const sink = new RecordingSink((run) => counts.push(run.count));
      drain({ receive: (budget) => receiver!.receive(sink, 0, budget) }, () => sink.datagrams.length >= 9);
      expect(netio.offloads).toEqual([]);
      expect(sink.datagrams.map(({ payload }) => payload)).toEqual(packets);
      expect(counts).toEqual([4, 1, 4]);
    } finally {
      netio.close();
    }
  });
}

/** TCP packets of one flow. */
const flow = (count: number, payloadOctets: number) =>
  Array.from({ length: count }, (_, index) =>
    tcpPacket({ sequence: index * payloadOctets }, new Uint8Array(payloadOctets).fill(index)),
  );

/** Tests that the kernel uses the offloads. */
export function offloads(): void {
  runsOfSingleDatagrams();
  describe('offloads of this kernel', () => {
    let netio: Netio;
    const drops = new DeviceDropCounts();

    beforeEach(() => {
      netio = openLinuxNetio({ offload: true });
    });
    afterEach(() => {
      netio.close();
      ip('link', 'set', 'lo', 'mtu', '65536');
    });

    function openSocket() {
      return netio.openUdpSocket({ portId: 0, address: loopback, port: 0, drops });
    }

    it('are reported', () => {
      expect(netio.offloads).toEqual([]);
      openSocket();
      expect(netio.offloads).toEqual(['send-joined', 'receive-joined']);
      netio.openTunDevice({ name: 'nvtold', drops });
      expect(netio.offloads).toEqual(expect.arrayContaining(['checksum', 'tcp-segments']));
    });

    it('carry datagrams of one flow as one message, and hand them over as one run', () => {
      const [sender, receiver] = [openSocket(), openSocket()];
      const packets = flow(40, 1200);
      for (const packet of packets) sender.queue(runOf(packet), loopback, receiver.port);
      sender.flush();
      const counts: number[] = [];
      const sink = new RecordingSink((run) => counts.push(run.count));
      drain({ receive: (budget) => receiver.receive(sink, 0, budget) }, () => sink.datagrams.length >= 40);
      expect(sink.datagrams.map(({ payload }) => payload)).toEqual(packets);
      expect(counts).toEqual([40]);
    });

    it('part a bundle where the inner source changes', () => {
      const [sender, receiver] = [openSocket(), openSocket()];
      const packets = flow(6, 200);
      packets[3] = tcpPacket({ sequence: 0, flow: 1 }, new Uint8Array(200));
      for (const packet of packets) sender.queue(runOf(packet), loopback, receiver.port);
      sender.flush();
      const counts: number[] = [];
      const sink = new RecordingSink((run) => counts.push(run.count));
      drain({ receive: (budget) => receiver.receive(sink, 0, budget) }, () => sink.datagrams.length >= 6);
      expect(sink.datagrams.map(({ payload }) => payload)).toEqual(packets);
      expect(counts).toEqual([3, 1, 2]);
    });

    it('are parted for the next socket in the same slots, also after one that was closed in the middle of a batch', () => {
      const [sender, closing, receiver] = [openSocket(), openSocket(), openSocket()];
      const alone = (payloadOctets: number) => tcpPacket({ sequence: 0, flow: 1 }, new Uint8Array(payloadOctets));
      for (const octets of [10, 20, 30]) sender.queue(runOf(alone(octets)), loopback, closing.port);
      sender.flush();
      const first = new RecordingSink(() => closing.close());
      drain({ receive: (budget) => closing.receive(first, 0, budget) }, () => first.datagrams.length > 0);
      const packets = [alone(10), ...flow(6, 1200)];
      for (const packet of packets) sender.queue(runOf(packet), loopback, receiver.port);
      sender.flush();
      const sink = new RecordingSink();
      drain({ receive: (budget) => receiver.receive(sink, 0, budget) }, () => sink.datagrams.length >= 2);
      drain({ receive: (budget) => receiver.receive(sink, 0, budget) }, () => sink.datagrams.length >= 7);
      expect(sink.datagrams.map(({ payload }) => payload)).toEqual(packets);
    });

    it('give the host one super-segment of many packets', () => {
      const harness = openTunHarness(true);
      try {
        const tunnel = harness.netio.openTunDevice({ name: 'nvsuper', drops });
        harness.setUp(tunnel);
        const packets = flow(20, 1200);
        // From memory of a device: packets from elsewhere are written at once.
        let received = 0;
        const sink = {
          handleDatagrams(run: DatagramRun) {
            received += run.count;
            tunnel.queue(run);
          },
        };
        const [sender, receiver] = [1, 2].map(() =>
          harness.netio.openUdpSocket({ portId: 0, address: loopback, port: 0, drops }),
        );
        for (const packet of packets) sender!.queue(runOf(packet), loopback, receiver!.port);
        sender!.flush();
        drain({ receive: (budget) => receiver!.receive(sink, 0, budget) }, () => received === 20);
        tunnel.flush();
        const [first, ...others] = harness.takeAtHost(tunnel, 1);
        expect(others).toEqual([]);
        expect(slowSegments(first!, 1200)).toEqual(packets);
      } finally {
        harness.netio.close();
        harness.close();
      }
    });
  });
}
