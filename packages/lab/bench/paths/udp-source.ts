// Sends UDP datagrams between two endpoints as fast as the machine can, with JOINED 1 many by one system call:
// udp-source.js SOURCE SOURCE-PORT TARGET TARGET-PORT PAYLOAD-OCTETS SECONDS JOINED. Prints the seconds it took.
import { sendFor, UdpFlow } from '../udp-flow.ts';

const [source = '', sourcePort, target = '', targetPort, octets, seconds, joined] = process.argv.slice(2);
const from = { address: source, port: Number(sourcePort) };
const to = { address: target, port: Number(targetPort) };
const flow = UdpFlow.open(from, to, new Uint8Array(Number(octets)), joined === '1');
process.stdout.write(`${sendFor(Number(seconds), [flow])}\n`);
