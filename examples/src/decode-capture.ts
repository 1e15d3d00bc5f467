// Prints the Teredo datagrams of a capture, one a line: node examples/dist/decode-capture.js FILE
import { createReadStream } from 'node:fs';
import { type ExplainedDatagram, explainInput } from '@navalis/decode';

const file = process.argv[2];
if (file === undefined) {
  console.error('Name a capture in pcap or pcapng format; record-capture makes one.');
  process.exit(1);
}
let malformed = 0;
for await (const finding of explainInput(createReadStream(file))) {
  if (finding.kind === 'datagram' && finding.packet !== undefined) console.log(lineOf(finding));
  else if (finding.kind === 'datagram') malformed++;
  else if (finding.kind === 'summary') {
    if (finding.format !== 'pcap' && finding.format !== 'pcapng') {
      console.error('This is no capture in pcap format. Try tshark -F pcap.');
      process.exit(1);
    }
    const others = finding.others + malformed;
    if (others > 0) console.log(`not Teredo: ${others}`);
    if (finding.problem !== undefined) console.error(finding.problem);
  }
}

function lineOf({ atMs = 0, from, to, ...elements }: ExplainedDatagram): string {
  return `${(atMs / 1000).toFixed(3).padStart(8)}  ${textOf(from)} > ${textOf(to)}  ${elementsOf(elements).join(', ')}`;
}

function textOf(endpoint: ExplainedDatagram['from']): string {
  return endpoint === undefined ? '?' : `${endpoint.address}:${endpoint.port}`;
}

/** Returns what the datagram is made of, from the outside in. */
function elementsOf({
  authentication,
  origin,
  packet,
  trailers = [],
}: Pick<ExplainedDatagram, 'authentication' | 'origin' | 'packet' | 'trailers'>): string[] {
  // Two octets of type and length, and the value in hexadecimal.
  const trailerOctets = trailers.reduce((sum, { value }) => sum + 2 + value.length / 2, 0);
  return [
    ...(authentication === undefined ? [] : ['authentication']),
    ...(origin === undefined ? [] : [`origin ${textOf(origin)}`]),
    ...(packet === undefined ? [] : [`${packet.kind.replaceAll('-', ' ')} ${packet.source} > ${packet.destination}`]),
    ...(trailers.length === 0 ? [] : [`${trailerOctets} octets of trailers`]),
  ];
}
