// Sends small UDP packets to the clients of a swarm in turn, as fast as the machine can:
// swarm-source.js SOURCE CLIENTS PAYLOAD-OCTETS SECONDS (0: one to each). Prints the seconds it took.
import { parseIpv6, writeUint16 } from '@navalis/address';
import { Counters, createPacketRun, pointRunAt } from '@navalis/engine';
import { openLinuxNetio } from '@navalis/netio';
import { writeIpv6Header } from '@navalis/wire';
import { portOf, swarmClient } from './swarm-addresses.ts';

const [sourceText, clientsText, octetsText, secondsText] = process.argv.slice(2) as [string, string, string, string];
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
  const run = createPacketRun(bytes);
  pointRunAt(run, 0, bytes.length);
  return run;
});

const netio = openLinuxNetio({ offload: false });
const sender = netio.openRawIpv6Sender({ drops: new Counters() });
const startedAt = performance.now();
const endsAt = startedAt + Number(secondsText) * 1000;
do {
  for (const packet of packets) sender.queue(packet);
  sender.flush();
} while (performance.now() < endsAt);
process.stdout.write(`${(performance.now() - startedAt) / 1000}\n`);
netio.close();

/** RFC 8200 section 8.1, over addresses, length, next header and the datagram, whose checksum field is 0. */
function checksumOf(bytes: Uint8Array): number {
  let sum = 17 + udpOctets;
  for (let offset = 8; offset < bytes.length; offset += 2) sum += (bytes[offset]! << 8) | (bytes[offset + 1] ?? 0);
  while (sum > 0xffff) sum = (sum & 0xffff) + (sum >>> 16);
  return ~sum & 0xffff || 0xffff;
}
