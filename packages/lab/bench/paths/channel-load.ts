// A plain client of a TURN server, which sends or receives ChannelData as fast as the machine can:
// channel-load.js SERVER PEER PEER-PORT PAYLOAD-OCTETS SECONDS JOINED. Gets an allocation with a channel to the peer, and prints the
// relayed port. Then it sends for so many seconds, with JOINED 1 many datagrams by one system call, and prints the seconds it
// took. With 0 seconds it holds its socket open and reads nothing.
import { Ipv4Policy, parseIpv4, parseIpv4Prefix, writeUint16 } from '@navalis/address';
import { Counters, createPacketRun, pointRunAt, servicePortId } from '@navalis/engine';
import { seededRandom } from '@navalis/engine/testing';
import { DeviceDropCounts, openLinuxNetio, type UdpSocket } from '@navalis/netio';
import { channelDataHeaderOctets, RelayedPort } from '@navalis/turn';
import { laboratoryRanges } from '../../src/network/address-plan.ts';
import { turnUser } from '../../src/programs/coturn.ts';
import { sendFor, UdpFlow } from '../udp-flow.ts';

const [server = '', peerAddress = '', peerPort, octets, seconds, joined] = process.argv.slice(2);
const turnPort = 3478;
const peer = { address: parseIpv4(peerAddress)!, port: Number(peerPort) };

const netio = openLinuxNetio({ offload: false });
const poller = netio.openPoller();
const random = seededRandom(process.pid);
let socket: UdpSocket | undefined;
let relayedPort = 0;

const port = new RelayedPort({
  servers: [{ endpoint: { address: parseIpv4(server)!, port: turnPort }, transport: 'udp' }],
  credentials: { username: turnUser.name, password: turnUser.password },
  permitted: [peer.address],
  policy: new Ipv4Policy({
    strictness: 'strict',
    extraGlobal: laboratoryRanges.map((range) => parseIpv4Prefix(range)!),
  }),
  random,
  counters: new Counters(),
  outputs: {
    sendDatagrams: (run, address, to) => socket!.queue(run, address, to),
    openPort: () => {
      socket = netio.openUdpSocket({ portId: 1, address: 0, port: 0, drops: new DeviceDropCounts() });
      poller.watch(socket);
      return { id: socket.portId, address: socket.address, port: socket.port };
    },
    closePort: () => undefined,
    deliverPackets: () => undefined,
    report: () => undefined,
  },
  role: {
    receive: () => undefined,
    allocated: (relayed) => {
      relayedPort = relayed.port;
    },
  },
});

const channel = bindChannel();
process.stdout.write(`relayed ${relayedPort}\n`);
if (Number(seconds) > 0) {
  const datagram = new Uint8Array(channelDataHeaderOctets + Number(octets));
  writeUint16(datagram, 0, channel);
  writeUint16(datagram, 2, Number(octets));
  const flow = new UdpFlow(socket!.descriptor, { address: server, port: turnPort }, datagram, joined === '1');
  process.stdout.write(`sent ${sendFor(Number(seconds), [flow])}\n`);
} else {
  // Blocks the only thread; the laboratory ends it by signal.
  Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0);
}

/** Sends to the peer until the server has bound a channel for it; returns its number. */
function bindChannel(): number {
  const run = createPacketRun(new Uint8Array(64));
  pointRunAt(run, 0, 64);
  port.start(performance.now());
  for (;;) {
    netio.flushSockets();
    poller.wait(20);
    const now = performance.now();
    socket!.receive(port, now, 64);
    if (port.nextDeadline() <= now) port.handleDeadline(now);
    if (port.client.channels.bound > 0) return port.client.channels.use(peer.address, peer.port, now);
    if (port.client.state === 'ready') port.sendDatagrams(run, peer.address, peer.port, servicePortId);
  }
}
