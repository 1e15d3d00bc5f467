import type { Ipv4Endpoint } from '@navalis/address';
import { createPacketRun, pointRunAt } from '@navalis/engine';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { DeviceDropCounts } from '../../src/drop-sink.ts';
import { type Netio, openLinuxNetio, type UdpSocket } from '../../src/index.ts';
import { errorOf } from '../errors.ts';
import { ip } from './own-network.ts';
import { ETH_P_IP, PacketSocket } from './packet-socket.ts';
import { PeerSocket } from './peer-socket.ts';
import { awaitReadable } from './test-kernel.ts';

const group = 0xe00000fd;
const port = 3544;
const here = 0x0a4d0001;
const there = 0x0a4d0101;

/** Two links of this host, one of which is named for multicast. */
export function multicast(): void {
  describe('multicast', () => {
    let netio: Netio;
    let listener: UdpSocket;
    let sender: UdpSocket;
    const drops = new DeviceDropCounts();

    beforeEach(() => {
      for (const [name, address] of [
        ['nvlink', '10.77.0.1/24'],
        ['nvelse', '10.77.1.1/24'],
      ] as const) {
        ip('link', 'add', name, 'type', 'veth', 'peer', 'name', `${name}-end`);
        ip('link', 'set', `${name}-end`, 'up');
        ip('link', 'set', name, 'up');
        ip('address', 'add', address, 'dev', name);
      }
      netio = openLinuxNetio({ offload: true });
      listener = openListener();
      sender = openSender('nvlink');
    });
    afterEach(() => {
      netio.close();
      ip('link', 'delete', 'nvlink');
      ip('link', 'delete', 'nvelse');
    });

    function openListener() {
      return netio.openUdpSocket({ portId: 1, address: group, port, multicastInterface: 'nvlink', drops });
    }

    function openSender(multicastInterface: string) {
      return netio.openUdpSocket({ portId: 0, address: 0, port: 0, multicastInterface, drops });
    }

    function send(socket: UdpSocket, octet: number, to: Ipv4Endpoint = { address: group, port }) {
      const run = createPacketRun(new Uint8Array(40).fill(octet));
      pointRunAt(run, 0, 40);
      socket.queue(run, to.address, to.port);
      socket.flush();
    }

    /** First octet and source of what a listener hears up to the datagram that is marked by 99. */
    function heardBy(socket: UdpSocket) {
      send(sender, 99);
      awaitReadable(socket.descriptor);
      const heard: { mark: number; source: Ipv4Endpoint }[] = [];
      const sink = {
        handleDatagrams(run: { memory: Uint8Array; offset: number; sourceAddress: number; sourcePort: number }) {
          const source = { address: run.sourceAddress, port: run.sourcePort };
          heard.push({ mark: run.memory[run.offset]!, source });
        },
      };
      socket.receive(sink, 0, 64);
      return heard.filter(({ mark }) => mark !== 99);
    }

    it('[CL-L-02][CL-L-04] reaches sockets that joined the group on that link, from the port of the sender', () => {
      send(sender, 1);
      expect(heardBy(listener)).toEqual([{ mark: 1, source: { address: here, port: sender.port } }]);
    });

    it('[CL-L-02] has room for several listeners', () => {
      const second = openListener();
      send(sender, 2);
      expect([heardBy(listener), heardBy(second)].map((heard) => heard.length)).toEqual([1, 1]);
    });

    it('[CL-L-04] leaves with a TTL of 1', () => {
      const capture = new PacketSocket('nvlink-end', ETH_P_IP);
      try {
        send(sender, 3);
        const [packet] = capture.receive();
        expect([packet![8], packet!.slice(16, 20)]).toEqual([1, Uint8Array.of(224, 0, 0, 253)]);
      } finally {
        capture.close();
      }
    });

    it('[CL-L-05] is all that a listener receives: neither unicast to its port nor other links', () => {
      const peer = new PeerSocket(there);
      try {
        peer.send(new Uint8Array(40).fill(4), { address: here, port });
        send(openSender('nvelse'), 5);
        expect(heardBy(listener)).toEqual([]);
      } finally {
        peer.close();
      }
    });

    it('needs an interface that exists', () => {
      const error = errorOf(() => openSender('nvnone'));
      expect([error.code, error.message]).toEqual([
        'no-interface',
        'There is no interface nvnone: choose one that "ip link" lists.',
      ]);
    });
  });
}
