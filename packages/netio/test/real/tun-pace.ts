import { describe, expect, it } from 'vitest';
import { DeviceDropCounts } from '../../src/drop-sink.ts';
import { ipv6Packet, RecordingSink } from '../compliance/packets.ts';
import { openTunHarness } from './harnesses.ts';

/** Tests how much a tunnel interface passes on at once. */
export function tunPace(): void {
  describe('a tunnel interface', () => {
    it('hands over one packet after a silence, and all that wait while packets keep coming', () => {
      const harness = openTunHarness(true);
      try {
        const tunnel = harness.netio.openTunDevice({ name: 'nvpace', drops: new DeviceDropCounts() });
        harness.setUp(tunnel);
        const receive = (now: number) => tunnel.receive(new RecordingSink(), now, 64);
        harness.sendFromHost(tunnel, [ipv6Packet(1, 1), ipv6Packet(1, 2), ipv6Packet(1, 3)]);
        expect([receive(100), receive(100.5)]).toEqual([1, 2]);
        harness.sendFromHost(tunnel, [ipv6Packet(1, 4), ipv6Packet(1, 5)]);
        expect([receive(103), receive(103.1)]).toEqual([1, 1]);
      } finally {
        harness.netio.close();
        harness.close();
      }
    });
  });
}
