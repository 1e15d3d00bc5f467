// Sends UDP packets to the clients of a swarm in turn through this host's routes, as fast as the machine can:
// client-flows.js SOURCE CLIENTS PAYLOAD-OCTETS SECONDS HOW. HOW is `trains` (many with one system call) or `single`; with 0 seconds
// one goes to each. Prints the seconds it took.
import { formatIpv6 } from '@navalis/address';
import { portOf, swarmClient } from '../swarm-addresses.ts';
import { sendFor, UdpFlow } from '../udp-flow.ts';

const [source, clients, octets, seconds, how] = process.argv.slice(2) as [string, string, string, string, string];
const payload = new Uint8Array(Number(octets));
const flows = Array.from({ length: Number(clients) }, (_, index) => {
  const to = { address: formatIpv6(swarmClient(index)), port: portOf(index) };
  return UdpFlow.open({ address: source, port: 0 }, to, payload, how === 'trains');
});
if (Number(seconds) === 0) for (const flow of flows) flow.send();
process.stdout.write(`${Number(seconds) === 0 ? 0 : sendFor(Number(seconds), flows)}\n`);
