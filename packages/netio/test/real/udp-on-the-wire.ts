import { createPacketRun, pointRunAt } from '@navalis/engine';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { DeviceDropCounts } from '../../src/drop-sink.ts';
import { type Netio, openLinuxNetio } from '../../src/index.ts';
import { ip } from './own-network.ts';
import { ETH_P_IP, PacketSocket } from './packet-socket.ts';
import { awaitReadable, socketOption } from './test-kernel.ts';

const loopback = 0x7f000001;
const SOL_IP = 0;
const IP_TOS = 1;
const IP_MTU_DISCOVER = 10;
const alwaysWithoutDf = 5;

/** Tests the outer IPv4 header, read from a capture on loopback. */
export function udpOnTheWire(): void {
  describe('the outer IPv4 header', () => {
    let netio: Netio;
    let capture: PacketSocket;
    const counters = new DeviceDropCounts();

    beforeEach(() => {
      netio = openLinuxNetio({ offload: true });
      capture = new PacketSocket('lo', ETH_P_IP);
    });
    afterEach(() => {
      capture.close();
      netio.close();
      ip('link', 'set', 'lo', 'mtu', '65536');
    });

    function openSocket() {
      return netio.openUdpSocket({ portId: 0, address: loopback, port: 0, drops: counters });
    }

    /** Sends one payload to the socket itself; returns its IPv4 packets. */
    function capturePayload(octets: number): Uint8Array[] {
      const socket = openSocket();
      const run = createPacketRun(new Uint8Array(octets).fill(0x5a));
      pointRunAt(run, 0, octets);
      socket.queue(run, socket.address, socket.port);
      socket.flush();
      awaitReadable(socket.descriptor);
      return capture.receive();
    }

    it('[SEC-40] has the address and the port of the socket as its source', () => {
      const socket = openSocket();
      const run = createPacketRun(new Uint8Array(40));
      pointRunAt(run, 0, 40);
      socket.queue(run, socket.address, socket.port);
      socket.flush();
      awaitReadable(socket.descriptor);
      const view = new DataView(capture.receive()[0]!.buffer);
      expect([view.getUint32(12), view.getUint16(20)]).toEqual([loopback, socket.port]);
    });

    it('[WF-22] does not carry DF', () => {
      const [packet, ...others] = capturePayload(1000);
      expect(others).toEqual([]);
      expect(packet!.length).toBe(1028);
      expect(flagsOf(packet!)).toEqual({ doNotFragment: false, moreFragments: false });
      expect(socketOption(openSocket().descriptor, SOL_IP, IP_MTU_DISCOVER)).toBe(alwaysWithoutDf);
    });

    it('[WF-22] sends datagrams larger than the MTU in fragments', () => {
      ip('link', 'set', 'lo', 'mtu', '1300');
      const fragments = capturePayload(1320);
      expect(fragments.map(flagsOf)).toEqual([
        { doNotFragment: false, moreFragments: true },
        { doNotFragment: false, moreFragments: false },
      ]);
      expect(counters.snapshot()).toEqual({});
    });

    it('[WF-22] also sends datagrams that leave as one message in fragments', () => {
      ip('link', 'set', 'lo', 'mtu', '1300');
      const socket = openSocket();
      const run = createPacketRun(new Uint8Array(4 * 1320).fill(0x5a));
      Object.assign(run, { packetLength: 1320, lastPacketLength: 1320, count: 4, headerStride: 1320 });
      socket.queue(run, socket.address, socket.port);
      socket.flush();
      awaitReadable(socket.descriptor);
      expect(capture.receive().map((packet) => flagsOf(packet).moreFragments)).toEqual([
        true,
        false,
        true,
        false,
        true,
        false,
        true,
        false,
      ]);
      expect(counters.snapshot()).toEqual({});
    });

    it('[WF-23] has zero in all bits of TOS, so also in ECN', () => {
      const [packet] = capturePayload(100);
      expect(packet![1]).toBe(0);
      expect(socketOption(openSocket().descriptor, SOL_IP, IP_TOS)).toBe(0);
    });
  });
}

function flagsOf(packet: Uint8Array): { doNotFragment: boolean; moreFragments: boolean } {
  return { doNotFragment: (packet[6]! & 0x40) !== 0, moreFragments: (packet[6]! & 0x20) !== 0 };
}
