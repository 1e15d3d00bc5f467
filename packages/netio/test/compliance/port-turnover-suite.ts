import type { Ipv4Value } from '@navalis/address';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { DeviceDropCounts } from '../../src/drop-sink.ts';
import type { Netio } from '../../src/netio.ts';
import { ipv6Packet, runOf } from './packets.ts';

export interface TurnoverHarness {
  readonly netio: Netio;
  readonly ownAddress: Ipv4Value;
  /** Returns the open descriptors of this process, and the octets reserved in the arena. */
  used(): { readonly descriptors: number; readonly octets: number };
}

const ports = 64;
const rounds = 1000;

/** Tests that many sockets, opened and closed repeatedly, leave nothing behind. */
export function portTurnoverSuite(name: string, open: () => TurnoverHarness): void {
  describe(`many ports: ${name}`, () => {
    let harness: TurnoverHarness;
    const drops = new DeviceDropCounts();

    beforeEach(() => {
      harness = open();
    });
    afterEach(() => harness.netio.close());

    const openSocket = (portId: number) =>
      harness.netio.openUdpSocket({ portId, address: harness.ownAddress, port: 0, drops });

    it('64 beside a socket that stays, opened and closed 1,000 times, leave no descriptor, memory or entry', () => {
      const { netio } = harness;
      const poller = netio.openPoller();
      const service = openSocket(0);
      const index = poller.watch(service);
      const before = harness.used();
      for (let round = 0; round < rounds; round++) {
        const sockets = Array.from({ length: ports }, (_, place) => openSocket(place + 1));
        expect(sockets.map((socket) => poller.watch(socket) - index)).toEqual(sockets.map(({ portId }) => portId));
        expect(harness.used()).toEqual({ ...before, descriptors: before.descriptors + ports });
        for (const socket of round % 2 === 0 ? sockets : sockets.reverse()) {
          poller.unwatch(socket);
          socket.close();
        }
      }
      expect(harness.used()).toEqual(before);
      expect(poller.wait(0)).toBe(0);
    });

    it('give their memory back when all devices of a kind are closed', () => {
      const { netio } = harness;
      openSocket(0).queue(runOf(ipv6Packet(1, 1)), harness.ownAddress, 9);
      netio.flushSockets();
      const before = harness.used();
      for (let round = 0; round < 20; round++) {
        const devices = [netio.openTunDevice({ name: 'nvagain', drops }), netio.openRawIpv6Sender({ drops })];
        const poller = netio.openPoller();
        for (const device of devices) device.close();
        poller.close();
        poller.close();
      }
      expect(harness.used()).toEqual(before);
    });

    it.each([
      [128, undefined],
      [3_000, 3_000],
    ])('are refused by a poller beyond %i, which continues with its existing ones', (most, wanted) => {
      const poller = harness.netio.openPoller(wanted);
      const devices = Array.from({ length: most }, (_, index) => ({ descriptor: 100_000 + index }));
      for (const device of devices) poller.watch(device);
      const more = { descriptor: 200_000 };
      expect(() => poller.watch(more)).toThrow(expect.objectContaining({ code: 'internal' }));
      poller.unwatch(devices[70]!);
      expect(poller.watch(more)).toBe(70);
    });
  });
}
