// Sends small UDP packets to the clients of a swarm in turn, as fast as the machine can:
// swarm-source.js SOURCE CLIENTS PAYLOAD-OCTETS SECONDS [PER-SECOND] (0 seconds: one to each). Prints the seconds it took. With
// PER-SECOND it sends no faster than that, so that queues overflow no more than they must.
//
// They go directly into the tunnel interface, past the host's routing, which would take as long for each packet as a relay.
import { parseIpv6, writeUint16 } from '@navalis/address';
import { writeIpv6Header } from '@navalis/wire';
import koffi from 'koffi';
import { portOf, swarmClient } from './swarm-addresses.ts';

const [sourceText, clientsText, octetsText, secondsText, rateText] = process.argv.slice(2) as [
  ...[string, string, string, string],
  string?,
];
const source = parseIpv6(sourceText)!;
const udpOctets = 8 + Number(octetsText);

const packets = Array.from({ length: Number(clientsText) }, (_, index) => {
  const bytes = new Uint8Array(40 + udpOctets);
  const destination = swarmClient(index);
  writeIpv6Header(bytes, 0, { payloadLength: udpOctets, nextHeader: 17, hopLimit: 64, source, destination });
  writeUint16(bytes, 40, 9);
  writeUint16(bytes, 42, portOf(index));
  writeUint16(bytes, 44, udpOctets);
  writeUint16(bytes, 46, checksumOf(bytes));
  return bytes;
});

// linux/if_ether.h, linux/if_packet.h, linux/socket.h
const AF_PACKET = 17;
const SOCK_DGRAM = 2;
const SOL_PACKET = 263;
const PACKET_QDISC_BYPASS = 20;
const ETH_P_IPV6 = 0x86dd;
const linkAddressOctets = 20;

const library = koffi.load(null);
const interfaceIndex = library.func('uint32_t if_nametoindex(str name)');
const open = library.func('int socket(int family, int type, int protocol)');
const bind = library.func('int bind(int descriptor, void *address, uint32_t octets)');
const setOption = library.func('int setsockopt(int descriptor, int level, int option, int *value, uint32_t octets)');
const send = library.func('long send(int descriptor, void *bytes, size_t octets, int flags)');

const descriptor = openInterface('teredo');
const startedAt = performance.now();
const endsAt = startedAt + Number(secondsText) * 1000;
const perMs = rateText === undefined ? Number.POSITIVE_INFINITY : Number(rateText) / 1000;
const still = new Int32Array(new SharedArrayBuffer(4));
let sent = 0;
do {
  for (const packet of packets) {
    send(descriptor, packet, packet.length, 0);
    sent += 1;
    if (sent / perMs > performance.now() - startedAt) Atomics.wait(still, 0, 0, 1);
  }
} while (performance.now() < endsAt);
process.stdout.write(`${(performance.now() - startedAt) / 1000}\n`);

/** A packet socket on the interface. */
function openInterface(name: string): number {
  const opened = open(AF_PACKET, SOCK_DGRAM, 0) as number;
  // A `struct sockaddr_ll`: family, protocol in network order, index of the interface; the rest is for links with addresses.
  const address = new Uint8Array(linkAddressOctets);
  new Uint16Array(address.buffer)[0] = AF_PACKET;
  writeUint16(address, 2, ETH_P_IPV6);
  new Uint32Array(address.buffer)[1] = interfaceIndex(name) as number;
  if (bind(opened, address, linkAddressOctets) !== 0)
    throw new Error(`bind to ${name} failed, error ${koffi.errno()}.`);
  setOption(opened, SOL_PACKET, PACKET_QDISC_BYPASS, [1], 4);
  return opened;
}

/** RFC 8200 section 8.1, over addresses, length, next header and the datagram, whose checksum field is 0. */
function checksumOf(bytes: Uint8Array): number {
  let sum = 17 + udpOctets;
  for (let offset = 8; offset < bytes.length; offset += 2) sum += (bytes[offset]! << 8) | (bytes[offset + 1] ?? 0);
  while (sum > 0xffff) sum = (sum & 0xffff) + (sum >>> 16);
  return ~sum & 0xffff || 0xffff;
}
