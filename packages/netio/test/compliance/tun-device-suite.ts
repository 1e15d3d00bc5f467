import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { DeviceDropCounts } from '../../src/drop-sink.ts';
import type { Netio } from '../../src/netio.ts';
import type { TunDevice } from '../../src/tun-device.ts';
import { drain, dropsOf, ipv6Packet, RecordingSink, runOf, runOfSeveral, superSegment } from './packets.ts';

export interface TunHarness {
  readonly netio: Netio;
  /** Brings the new interface up, so that the host sends packets through it. */
  setUp(tunnel: TunDevice): void;
  /** The host sends these into the interface, in this order. */
  sendFromHost(tunnel: TunDevice, packets: readonly Uint8Array[]): void;
  /** Returns the packets that the host received since the last call; waits until there are `count`. */
  takeAtHost(tunnel: TunDevice, count: number): Uint8Array[];
  close(): void;
}

/** Tests the contract of every `TunDevice`. */
export function tunDeviceSuite(name: string, open: () => TunHarness): void {
  describe(`TunDevice: ${name}`, () => {
    let harness: TunHarness;
    let counters: DeviceDropCounts;
    let tunnel: TunDevice;

    beforeEach(() => {
      harness = open();
      counters = new DeviceDropCounts();
      tunnel = harness.netio.openTunDevice({ name: 'nv-compliance', drops: counters });
      harness.setUp(tunnel);
    });
    afterEach(() => {
      harness.netio.close();
      harness.close();
    });

    const receiveAll = (sink: RecordingSink, count: number) =>
      drain({ receive: (budget) => tunnel.receive(sink, 7, budget) }, () => sink.packets.length >= count);

    it('has the name it was given', () => {
      expect(tunnel.name).toBe('nv-compliance');
    });

    it('hands over packets of the host in their order, in one reused run', () => {
      const packets = [ipv6Packet(0, 1), ipv6Packet(1240, 2), ipv6Packet(3, 3)];
      harness.sendFromHost(tunnel, packets);
      const sink = new RecordingSink();
      receiveAll(sink, 3);
      expect(sink.packets).toEqual(packets);
      expect(sink.runs.size).toBe(1);
    });

    it('aligns every header to 4 octets', () => {
      harness.sendFromHost(tunnel, [ipv6Packet(1, 1), ipv6Packet(2, 2), ipv6Packet(3, 3)]);
      const remainders: number[] = [];
      const sink = new RecordingSink((run) => remainders.push((run.memory.byteOffset + run.offset) % 4));
      receiveAll(sink, 3);
      expect(remainders).toEqual([0, 0, 0]);
    });

    it('ignores packets other than IPv6', () => {
      const ipv4 = new Uint8Array([0x45, 0, 0, 20, 0, 0, 0, 0, 64, 59, 0, 0, 192, 0, 2, 1, 192, 0, 2, 2]);
      harness.sendFromHost(tunnel, [ipv4, ipv6Packet(1, 1), ipv4, ipv6Packet(1, 2)]);
      const sink = new RecordingSink();
      receiveAll(sink, 2);
      tunnel.receive(sink, 0, 64);
      expect(sink.packets).toEqual([ipv6Packet(1, 1), ipv6Packet(1, 2)]);
    });

    it('takes no more than the budget, and the rest later', () => {
      harness.sendFromHost(
        tunnel,
        [1, 2, 3, 4, 5].map((fill) => ipv6Packet(1, fill)),
      );
      const sink = new RecordingSink();
      drain({ receive: () => tunnel.receive(sink, 0, 2) }, () => sink.packets.length > 0);
      expect(sink.packets.length).toBeLessThanOrEqual(2);
      receiveAll(sink, 5);
      expect(sink.packets.map((packet) => packet[40])).toEqual([1, 2, 3, 4, 5]);
    });

    it('returns 0 when nothing waits', () => {
      expect(tunnel.receive(new RecordingSink(), 0, 64)).toBe(0);
    });

    it('gives the host the queued packets in their order', () => {
      const packets = [ipv6Packet(0, 1), ipv6Packet(1240, 2), ipv6Packet(5, 3)];
      for (const packet of packets) tunnel.queue(runOf(packet));
      tunnel.flush();
      expect(harness.takeAtHost(tunnel, 3)).toEqual(packets);
      expect(dropsOf(counters)).toEqual({});
    });

    it('gives the host each packet of a run', () => {
      const packets = [ipv6Packet(60, 1), ipv6Packet(60, 2), ipv6Packet(20, 3)];
      tunnel.queue(runOfSeveral(packets, 128));
      tunnel.flush();
      expect(harness.takeAtHost(tunnel, 3)).toEqual(packets);
    });

    it('gives the host packets that the device received, and views from their start', () => {
      harness.sendFromHost(tunnel, [ipv6Packet(8, 1)]);
      const sink = new RecordingSink((run) => tunnel.queue(run));
      receiveAll(sink, 1);
      const around = new Uint8Array(300).fill(0xee);
      around.set(ipv6Packet(20, 4), 100);
      tunnel.queue({ ...runOf(around.subarray(90)), offset: 10, packetLength: 60, lastPacketLength: 60 });
      tunnel.flush();
      expect(harness.takeAtHost(tunnel, 2)).toEqual([ipv6Packet(8, 1), ipv6Packet(20, 4)]);
    });

    it('counts packets that the host refuses, and continues', () => {
      tunnel.queue(runOf(new Uint8Array(60).fill(0xff)));
      tunnel.queue(runOf(ipv6Packet(1, 1)));
      tunnel.flush();
      expect(harness.takeAtHost(tunnel, 1)).toEqual([ipv6Packet(1, 1)]);
      expect(dropsOf(counters)).toEqual({ 'tunnel-write-failed': 1 });
    });

    it('drops runs that only an offload could cut, and counts each packet', () => {
      tunnel.queue(superSegment());
      tunnel.flush();
      expect(dropsOf(counters)).toEqual({ 'tunnel-write-failed': 4 });
    });

    it('says when the name is taken', () => {
      const again = () => harness.netio.openTunDevice({ name: 'nv-compliance', drops: counters });
      expect(again).toThrow(expect.objectContaining({ code: 'interface-taken' }));
      expect(again).toThrow('nv-compliance');
    });

    it.each(['', 'sixteen-letters-', 'a b', 'a/b', 'tun%d', '..'])('refuses the name "%s"', (bad) => {
      const impossible = () => harness.netio.openTunDevice({ name: bad, drops: counters });
      expect(impossible).toThrow(expect.objectContaining({ code: 'configuration' }));
    });

    it('vanishes when it is closed, also twice', () => {
      tunnel.close();
      tunnel.close();
      expect(harness.netio.openTunDevice({ name: 'nv-compliance', drops: counters }).name).toBe('nv-compliance');
    });

    it('makes a poller ready while something waits', () => {
      const poller = harness.netio.openPoller();
      const index = poller.watch(tunnel);
      expect(poller.wait(0)).toBe(0);
      harness.sendFromHost(tunnel, [ipv6Packet(1, 1)]);
      expect(poller.wait(5000)).toBe(1);
      expect(poller.isReady(index)).toBe(true);
      receiveAll(new RecordingSink(), 1);
      expect(poller.wait(0)).toBe(0);
      expect(poller.isReady(index)).toBe(false);
    });
  });
}
