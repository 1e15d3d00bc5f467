import { readdirSync, writeFileSync } from 'node:fs';
import { openLinuxNetio } from '../../src/index.ts';
import { Arena } from '../../src/kernel/arena.ts';
import { openKernel } from '../../src/kernel/system-calls.ts';
import { LinuxNetio } from '../../src/linux/linux-netio.ts';
import { createPacketLoops } from '../../src/packet-loops/packet-loops.ts';
import { documentationAddress } from '../compliance/packets.ts';
import type { TurnoverHarness } from '../compliance/port-turnover-suite.ts';
import type { RawIpv6Harness } from '../compliance/raw-ipv6-sender-suite.ts';
import type { TunHarness } from '../compliance/tun-device-suite.ts';
import type { UdpHarness } from '../compliance/udp-socket-suite.ts';
import { ip } from './own-network.ts';
import { ETH_P_IPV6, PacketSocket } from './packet-socket.ts';
import { PeerSocket } from './peer-socket.ts';
import { awaitReadable } from './test-kernel.ts';

const loopback = 0x7f000001;

/** A socket of the kernel on loopback, and a peer that uses the kernel without this package. */
export function openUdpHarness(offload: boolean): UdpHarness {
  const peer = new PeerSocket(loopback);
  /** Datagrams from sockets that were not requested yet. */
  let waiting: ReturnType<PeerSocket['receive']> = [];
  return {
    netio: openLinuxNetio({ offload }),
    ownAddress: loopback,
    peer: peer.endpoint,
    sendFromPeer(socket, payloads) {
      for (const payload of payloads) peer.send(payload, socket);
    },
    takeAtPeer: (socket, count) =>
      taken(peer.descriptor, count, () => {
        const arrived = [...waiting, ...peer.receive()];
        waiting = arrived.filter(({ source }) => source.port !== socket.port);
        return arrived.filter(({ source }) => source.port === socket.port).map(({ payload }) => payload);
      }),
    close: () => peer.close(),
  };
}

/** Sockets of the kernel over an arena that can be looked into. */
export function openTurnoverHarness(): TurnoverHarness {
  const { calls, koffi } = openKernel();
  const arena = new Arena(koffi, 32 * 1024 * 1024);
  const loops = createPacketLoops(arena.memory);
  return {
    netio: new LinuxNetio({ calls, arena, loops, offload: true, scratch: arena.allocate(64) }),
    ownAddress: loopback,
    used: () => ({ descriptors: readdirSync('/proc/self/fd').length, octets: arena.used }),
  };
}

/** A tunnel interface whose host is this test, past the host's own IPv6. */
export function openTunHarness(offload: boolean): TunHarness {
  let host: PacketSocket | undefined;
  return {
    netio: openLinuxNetio({ offload }),
    setUp({ name }) {
      // Otherwise the host sends router solicitations and multicast reports on the new link.
      writeFileSync(`/proc/sys/net/ipv6/conf/${name}/disable_ipv6`, '1');
      ip('link', 'set', name, 'up');
      host = new PacketSocket(name, ETH_P_IPV6);
    },
    sendFromHost(_, packets) {
      for (const packet of packets) host!.send(packet);
    },
    takeAtHost: (_, count) => taken(host!.descriptor, count, () => host!.receive()),
    close: () => host?.close(),
  };
}

/** A pair of interfaces with a route over it; packets that leave on one side arrive on the other. */
export function openRawIpv6Harness(): RawIpv6Harness {
  const [first, second] = [documentationAddress.slice(), documentationAddress.slice()];
  first[15] = 2;
  second[15] = 3;
  ip('link', 'add', 'nvraw0', 'type', 'veth', 'peer', 'name', 'nvraw1');
  for (const end of ['nvraw0', 'nvraw1']) ip('link', 'set', end, 'up');
  ip('-6', 'route', 'add', '2001:db8::/64', 'dev', 'nvraw0');
  const link = JSON.parse(ip('-json', 'link', 'show', 'dev', 'nvraw1')) as { address: string }[];
  for (const neighbour of ['2001:db8::2', '2001:db8::3']) {
    ip('-6', 'neighbour', 'add', neighbour, 'lladdr', link[0]!.address, 'dev', 'nvraw0', 'nud', 'permanent');
  }
  const far = new PacketSocket('nvraw1', ETH_P_IPV6);
  const isOurs = (packet: Uint8Array) => packet[24] === 0x20 && packet[25] === 1;
  return {
    netio: openLinuxNetio({ offload: false }),
    destinations: [first, second],
    takeSent: (count) => taken(far.descriptor, count, () => far.receive().filter(isOurs)),
    close() {
      far.close();
      ip('link', 'delete', 'nvraw0');
    },
  };
}

/** Receives until `count` packets are there. */
function taken(descriptor: number, count: number, receive: () => Uint8Array[]): Uint8Array[] {
  const packets = receive();
  while (packets.length < count) {
    awaitReadable(descriptor);
    packets.push(...receive());
  }
  return packets;
}
