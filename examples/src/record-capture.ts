// Records what two clients of a simulated Internet send until they reach each other: node examples/dist/record-capture.js FILE
import { writeFileSync } from 'node:fs';
import { internet } from '@navalis/simnet';
import { type CapturedDatagram, writePcap } from './pcap.ts';

const file = process.argv[2];
if (file === undefined) {
  console.error('Name the file to write, such as two-clients.pcap.');
  process.exit(1);
}
const net = internet();
const datagrams: CapturedDatagram[] = [];
net.public.observers.push((datagram) => {
  datagrams.push({ ...datagram, atMs: net.now, payload: datagram.payload.slice() });
});
const server = net.server();
const alice = net.client({ server, nat: 'port-restricted' });
const bob = net.client({ server, nat: 'port-restricted' });
net.until('both have an address', () => alice.isQualified && bob.isQualified);
const ping = alice.ping(bob, 1000);
net.until('bob answers', () => ping.answeredAt !== undefined);
writeFileSync(file, writePcap(datagrams));
console.log(`${datagrams.length} datagrams are in ${file}`);
