// Sends UDP packets to some ports of an address in turn as fast as the machine can, many with one system call as QUIC and
// WireGuard do: packet-source.js SOURCE TARGET PORTS PAYLOAD-OCTETS SECONDS. Prints the seconds it took.
import { portOf } from './swarm-addresses.ts';
import { sendFor, UdpFlow } from './udp-flow.ts';

const [source, target, ports, octets, seconds] = process.argv.slice(2) as [string, string, string, string, string];
const payload = new Uint8Array(Number(octets));
const flows = Array.from({ length: Number(ports) }, (_, index) =>
  UdpFlow.open({ address: source, port: 0 }, { address: target, port: portOf(index) }, payload, true),
);
process.stdout.write(`${sendFor(Number(seconds), flows)}\n`);
