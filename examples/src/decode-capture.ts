// Prints the Teredo datagrams of a capture in pcap format, one a line: node examples/dist/decode-capture.js FILE
import { readFileSync } from 'node:fs';
import { formatIpv4, formatIpv6, readIpv6 } from '@navalis/address';
import {
  DatagramLayout,
  destinationOffset,
  icmpv6TypeOf,
  icmpv6Types,
  isBubble,
  isIcmpv6,
  nextHeaderOf,
  readDatagram,
  sourceOffset,
} from '@navalis/wire';
import { readPcap } from './pcap.ts';

const file = process.argv[2];
if (file === undefined) {
  console.error('Name a capture in pcap format; record-capture makes one.');
  process.exit(1);
}
const layout = new DatagramLayout(); // reused for every datagram
let others = 0;
for (const { atMs, sourceAddress, sourcePort, destinationAddress, destinationPort, payload } of readPcap(
  readFileSync(file),
)) {
  if (readDatagram(payload, 0, payload.length, layout) !== undefined) {
    others++;
    continue;
  }
  const from = `${formatIpv4(sourceAddress)}:${sourcePort}`;
  const to = `${formatIpv4(destinationAddress)}:${destinationPort}`;
  console.log(`${(atMs / 1000).toFixed(3).padStart(8)}  ${from} > ${to}  ${elements(payload).join(', ')}`);
}
if (others > 0) console.log(`not Teredo: ${others}`);

/** Returns what the datagram is made of, from the outside in. */
function elements(payload: Uint8Array): string[] {
  const { packetOffset, trailersLength } = layout;
  const source = formatIpv6(readIpv6(payload, packetOffset + sourceOffset));
  const destination = formatIpv6(readIpv6(payload, packetOffset + destinationOffset));
  return [
    ...(layout.authenticationOffset >= 0 ? ['authentication'] : []),
    ...(layout.originOffset >= 0 ? [`origin ${formatIpv4(layout.originAddress)}:${layout.originPort}`] : []),
    `${kindOf(payload, packetOffset)} ${source} > ${destination}`,
    ...(trailersLength > 0 ? [`${trailersLength} octets of trailers`] : []),
  ];
}

function kindOf(bytes: Uint8Array, offset: number): string {
  if (isBubble(bytes, offset)) return 'bubble';
  if (!isIcmpv6(bytes, offset)) return `next header ${nextHeaderOf(bytes, offset)}`;
  const type = icmpv6TypeOf(bytes, offset);
  const [name = `type-${type}`] = Object.entries(icmpv6Types).find(([, each]) => each === type) ?? [];
  return name.replace(/[A-Z]/g, (letter) => ` ${letter.toLowerCase()}`);
}
