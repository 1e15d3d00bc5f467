// A swarm of minimal Teredo clients on one machine for tests of relays: each answers direct bubbles and those through its
// server, which is part of this program. swarm-clients.js COUNT. After a line on standard input the program stops reading, so that
// arriving packets cost this machine as little as possible.
import type { Socket } from 'node:dgram';
import { createInterface } from 'node:readline';
import { readIpv6 } from '@navalis/address';
import {
  bubbleLength,
  DatagramLayout,
  destinationOffset,
  isBubble,
  readDatagram,
  sourceOffset,
  writeBubble,
} from '@navalis/wire';
import { openDeafSocket } from './deaf-socket.ts';
import { portOf, swarmAddress, swarmClient, swarmServerAddress } from './swarm-addresses.ts';

const layout = new DatagramLayout();
const clients: Socket[] = [];

async function open(address: string, port: number): Promise<Socket> {
  const socket = await openDeafSocket('udp4', address, port);
  return socket.on('message', (bytes, from) => answer(bytes, from.address, from.port));
}

/** Sends an answer to a bubble, as the client that it is for, to its source. */
function answer(bytes: Uint8Array, address: string, port: number): void {
  if (readDatagram(bytes, 0, bytes.length, layout) !== undefined || !isBubble(bytes, layout.packetOffset)) return;
  const client = readIpv6(bytes, layout.packetOffset + destinationOffset);
  const socket = clients[(~client.word2 & 0xffff) - portOf(0)];
  if (socket === undefined) return;
  const bubble = new Uint8Array(bubbleLength);
  writeBubble(bubble, 0, client, readIpv6(bytes, layout.packetOffset + sourceOffset));
  socket.send(bubble, port, address);
}

const count = Number(process.argv[2]);
for (let index = 0; index < count; index++) clients.push(await open(swarmAddress, portOf(index)));
const server = await open(swarmServerAddress, 3544);
server.setRecvBufferSize(1 << 20);
process.stdout.write(`ready ${swarmClient(0).word2}\n`);
createInterface({ input: process.stdin }).on('line', () => {
  process.stdout.write('holding\n');
  // Blocks the only thread; the laboratory ends it by signal.
  Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0);
});
