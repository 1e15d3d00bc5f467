// Sends UDP packets to some ports of an address in turn as fast as the machine can, many with one system call as QUIC and
// WireGuard do: packet-source.js SOURCE TARGET PORTS PAYLOAD-OCTETS SECONDS. Prints the seconds it took.
import { parseIpv6, writeIpv6, writeUint16 } from '@navalis/address';
import koffi from 'koffi';
import { portOf } from './swarm-addresses.ts';

const [source, target, portsText, octetsText, secondsText] = process.argv.slice(2) as [
  string,
  string,
  string,
  string,
  string,
];
const octets = Number(octetsText);

// linux/in.h, linux/socket.h, linux/udp.h
const AF_INET6 = 10;
const SOCK_DGRAM = 2;
const SOL_UDP = 17;
const UDP_SEGMENT = 103;
const socketAddressOctets = 28;
/** Datagrams that every kernel accepts at once, within 64 KiB with headers. */
const segments = Math.min(64, Math.floor(65_000 / octets));

const library = koffi.load(null);
const open = library.func('int socket(int family, int type, int protocol)');
const bind = library.func('int bind(int descriptor, void *address, uint32_t octets)');
const connect = library.func('int connect(int descriptor, void *address, uint32_t octets)');
const setOption = library.func('int setsockopt(int descriptor, int level, int option, int *value, uint32_t octets)');
const send = library.func('long send(int descriptor, void *bytes, size_t octets, int flags)');

const payload = new Uint8Array(segments * octets);
const descriptors = Array.from({ length: Number(portsText) }, (_, index) => openFlow(portOf(index)));

const startedAt = performance.now();
const endsAt = startedAt + Number(secondsText) * 1000;
while (performance.now() < endsAt) {
  for (const descriptor of descriptors) send(descriptor, payload, payload.length, 0);
}
process.stdout.write(`${(performance.now() - startedAt) / 1000}\n`);

function openFlow(port: number): number {
  const descriptor = open(AF_INET6, SOCK_DGRAM, 0) as number;
  succeeded('bind', bind(descriptor, socketAddress(source, 0), socketAddressOctets));
  succeeded('connect', connect(descriptor, socketAddress(target, port), socketAddressOctets));
  succeeded('setsockopt', setOption(descriptor, SOL_UDP, UDP_SEGMENT, [octets], 4));
  return descriptor;
}

/** A `struct sockaddr_in6`. */
function socketAddress(text: string, port: number): Uint8Array {
  const bytes = new Uint8Array(socketAddressOctets);
  new Uint16Array(bytes.buffer)[0] = AF_INET6;
  writeUint16(bytes, 2, port);
  const address = parseIpv6(text);
  if (address === undefined) throw new Error(`${text} is no IPv6 address.`);
  writeIpv6(bytes, 8, address);
  return bytes;
}

function succeeded(call: string, result: number): void {
  if (result !== 0) throw new Error(`${call} from ${source} to ${target} failed, error ${koffi.errno()}.`);
}
