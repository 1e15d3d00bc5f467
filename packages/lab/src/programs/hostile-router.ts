import type { Laboratory } from '../laboratory.ts';
import type { Namespace } from '../network/namespace.ts';
import { Program } from './program.ts';

/** The behaviour of a hostile router, or of a host that poses as one. */
export type Malice =
  /** Answers of PCP and NAT-PMP that are cut off, about another mapping, or with an address that no router has. */
  | 'wrong-answers'
  /** A UPnP device whose description redirects to another host. */
  | 'redirect'
  /** One whose description never ends. */
  | 'endless-description'
  /** One whose description comes an octet at a time. */
  | 'slow-description'
  /** Five thousand answers to each search. */
  | 'thousands-of-answers';

const script = `
  import { createSocket } from 'node:dgram';
  import { createServer } from 'node:http';
  const [address, malice] = process.argv.slice(1);
  const answer = (location) => [
    'HTTP/1.1 200 OK', 'ST: urn:schemas-upnp-org:device:InternetGatewayDevice:1', 'LOCATION: ' + location, '', '',
  ].join('\\r\\n');
  const location = 'http://' + address + ':5000/rootDesc.xml';

  const control = createSocket('udp4');
  control.on('message', (request, from) => {
    const send = (...octets) => control.send(Uint8Array.from(octets), from.port, from.address);
    console.log('control', request[0], request[1]);
    if (malice !== 'wrong-answers') return;
    if (request[0] === 2) {
      send(2, 0x81, 0);
      // Of another nonce.
      const other = Uint8Array.from(request);
      other[1] |= 0x80;
      other.fill(9, 24, 36);
      control.send(other, from.port, from.address);
    } else if (request[1] === 0) {
      send(0, 128, 0, 0, 0, 0, 0, 9, 224, 0, 0, 1);
    } else {
      send(0, 129, 0, 0, 0, 0, 0, 9, request[4], request[5], request[6], request[7], 0, 0, 28, 32);
    }
  });
  control.bind(5351, address);

  const ssdp = createSocket({ type: 'udp4', reuseAddr: true });
  ssdp.on('message', async (request, from) => {
    if (malice === 'wrong-answers') return;
    console.log('search');
    const count = malice === 'thousands-of-answers' ? 5_000 : 1;
    for (let sent = 0; sent < count; sent += 1) {
      ssdp.send(answer(location), from.port, from.address);
      if (sent % 50 === 49) await new Promise((resolve) => setTimeout(resolve, 2));
    }
  });
  ssdp.bind(1900, () => ssdp.addMembership('239.255.255.250', address));

  createServer((request, response) => {
    console.log('page', request.url);
    if (malice === 'redirect') {
      response.writeHead(302, { Location: 'http://198.51.100.66/' }).end();
      return;
    }
    const timer = setInterval(
      () => response.write(malice === 'slow-description' ? ' ' : ' '.repeat(65_536)),
      malice === 'slow-description' ? 100 : 1,
    );
    response.on('close', () => clearInterval(timer));
  }).listen(5000, address, () => console.log('ready'));
`;

/** Starts a program that answers requests for port mappings at an address of a machine, with one kind of malice. */
export async function startHostileRouter(
  laboratory: Laboratory,
  machine: Namespace,
  address: string,
  malice: Malice,
): Promise<Program> {
  const program = Program.start(laboratory, machine, {
    name: `hostile router on ${machine.label}`,
    command: process.execPath,
    args: ['--input-type=module', '-e', script, address, malice],
  });
  await program.line(/^ready$/m);
  return program;
}
