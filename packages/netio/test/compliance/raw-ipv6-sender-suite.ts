import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { DeviceDropCounts } from '../../src/drop-sink.ts';
import type { Netio } from '../../src/netio.ts';
import type { RawIpv6Sender } from '../../src/raw-ipv6-sender.ts';
import { dropsOf, ipv6Packet, runOf, runOfSeveral, superSegment } from './packets.ts';

export interface RawIpv6Harness {
  readonly netio: Netio;
  /** Two addresses, 16 octets each, that the host has routes to. */
  readonly destinations: readonly [Uint8Array, Uint8Array];
  /** Returns the packets sent since the last call, in the order of sending; waits until there are `count`. */
  takeSent(count: number): Uint8Array[];
  close(): void;
}

/** Tests the contract of every `RawIpv6Sender`. */
export function rawIpv6SenderSuite(name: string, open: () => RawIpv6Harness): void {
  describe(`RawIpv6Sender: ${name}`, () => {
    let harness: RawIpv6Harness;
    let counters: DeviceDropCounts;
    let sender: RawIpv6Sender;

    beforeEach(() => {
      harness = open();
      counters = new DeviceDropCounts();
      sender = harness.netio.openRawIpv6Sender({ drops: counters });
    });
    afterEach(() => {
      harness.netio.close();
      harness.close();
    });

    it('sends packets unchanged to the destinations in their headers', () => {
      const [first, second] = harness.destinations;
      const packets = [ipv6Packet(0, 1, first), ipv6Packet(1240, 2, second), ipv6Packet(5, 3, first)];
      for (const packet of packets) sender.queue(runOf(packet));
      sender.flush();
      expect(harness.takeSent(3)).toEqual(packets);
      expect(dropsOf(counters)).toEqual({});
    });

    it('copies packets that are not in the memory of a device', () => {
      const packet = ipv6Packet(100, 1, harness.destinations[0]);
      sender.queue(runOf(packet));
      packet.fill(0xee);
      sender.flush();
      expect(harness.takeSent(1)).toEqual([ipv6Packet(100, 1, harness.destinations[0])]);
    });

    it('sends each packet of a run to its own destination', () => {
      const [first, second] = harness.destinations;
      const packets = [ipv6Packet(60, 1, first), ipv6Packet(60, 2, second), ipv6Packet(20, 3, first)];
      sender.queue(runOfSeveral(packets, 128));
      sender.flush();
      expect(harness.takeSent(3)).toEqual(packets);
    });

    it('flushes by itself when the batch is full', () => {
      const packets = Array.from({ length: 150 }, (_, index) => ipv6Packet(index, index, harness.destinations[0]));
      for (const packet of packets) sender.queue(runOf(packet));
      const early = harness.takeSent(64);
      sender.flush();
      expect(early.length).toBeGreaterThanOrEqual(64);
      expect([...early, ...harness.takeSent(150 - early.length)]).toEqual(packets);
    });

    it('counts data that is not an IPv6 packet or needs an offload, and continues', () => {
      sender.queue(runOf(new Uint8Array(39).fill(0x60)));
      sender.queue(superSegment());
      sender.queue(runOf(ipv6Packet(1, 1, harness.destinations[0])));
      sender.flush();
      expect(harness.takeSent(1)).toEqual([ipv6Packet(1, 1, harness.destinations[0])]);
      expect(dropsOf(counters)).toEqual({ 'send-failed': 5 });
    });

    it('sends nothing twice, and closes twice without harm', () => {
      sender.queue(runOf(ipv6Packet(1, 1, harness.destinations[0])));
      sender.flush();
      sender.flush();
      sender.queue(runOf(ipv6Packet(1, 2, harness.destinations[0])));
      sender.flush();
      expect(harness.takeSent(2).map((packet) => packet[40])).toEqual([1, 2]);
      sender.close();
      sender.close();
    });
  });
}
