// Minimal Teredo clients by the hundred thousand behind a tunnel interface, on the machine of a relay: many-clients.js INTERFACE. Each
// answers a bubble that comes directly or through its server, which is behind the interface, too.
import { readSync, writeSync } from 'node:fs';
import { readIpv6, readUint16, readUint32, writeUint16, writeUint32 } from '@navalis/address';
import {
  bubbleLength,
  DatagramLayout,
  destinationOffset,
  isBubble,
  readDatagram,
  sourceOffset,
  writeBubble,
} from '@navalis/wire';
import { attachTo } from '../../src/user-space-nat/attach-tunnel.ts';

const ipv4Octets = 20;
const headerOctets = ipv4Octets + 8;
const udpProtocol = 17;

const layout = new DatagramLayout();
const answer = new Uint8Array(headerOctets + bubbleLength);
const tunnel = attachTo(process.argv[2] ?? '');
const space = new Uint8Array(0x1_0000);
process.stdout.write('ready\n');
for (;;) {
  const packet = space.subarray(0, readSync(tunnel, space));
  if (isForClient(packet)) writeSync(tunnel, answerTo(packet));
}

/** Returns true for a bubble in an IPv4 packet. */
function isForClient(packet: Uint8Array): boolean {
  if (packet[0] !== 0x45 || packet[9] !== udpProtocol || packet.length < headerOctets) return false;
  const octets = packet.length - headerOctets;
  return readDatagram(packet, headerOctets, octets, layout) === undefined && isBubble(packet, layout.packetOffset);
}

/** Returns the answer of the client that the bubble is for, from its own endpoint, as an IPv4 packet. */
function answerTo(packet: Uint8Array): Uint8Array {
  const client = readIpv6(packet, layout.packetOffset + destinationOffset);
  const relay = readIpv6(packet, layout.packetOffset + sourceOffset);
  answer.fill(0);
  answer[0] = 0x45;
  writeUint16(answer, 2, answer.length);
  answer[8] = 64;
  answer[9] = udpProtocol;
  writeUint32(answer, 12, ~client.word3 >>> 0);
  writeUint32(answer, 16, readUint32(packet, 12));
  writeUint16(answer, 10, checksumOf(answer.subarray(0, ipv4Octets)));
  writeUint16(answer, ipv4Octets, ~client.word2 & 0xffff);
  writeUint16(answer, ipv4Octets + 2, readUint16(packet, ipv4Octets));
  writeUint16(answer, ipv4Octets + 4, 8 + bubbleLength);
  writeBubble(answer, headerOctets, client, relay);
  return answer;
}

/** The checksum of an IPv4 header whose own field is 0. */
function checksumOf(header: Uint8Array): number {
  let sum = 0;
  for (let offset = 0; offset < header.length; offset += 2) sum += readUint16(header, offset);
  while (sum > 0xffff) sum = (sum & 0xffff) + (sum >>> 16);
  return ~sum & 0xffff;
}
