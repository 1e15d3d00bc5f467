import { LabError } from '../lab-error.ts';
import type { Laboratory } from '../laboratory.ts';
import type { Namespace } from '../network/namespace.ts';
import type { Place } from '../network/place.ts';
import { Program } from '../programs/program.ts';

export interface TransferResult {
  readonly octets: number;
  /** Hash of what was sent and of what arrived: a transfer where they differ throws. */
  readonly sha256: string;
  readonly megabitsPerSecond: number;
}

const patienceMs = 120_000;

/** Ends when the other side has sent everything; prints length and hash of the received data. */
const receiverScript = `
  import { createHash } from 'node:crypto';
  import { createServer } from 'node:net';
  const hash = createHash('sha256');
  let octets = 0;
  const server = createServer((socket) => {
    server.close();
    socket.on('data', (chunk) => { hash.update(chunk); octets += chunk.length; });
    socket.on('end', () => { console.log('received', octets, hash.digest('hex')); socket.end('done'); });
  });
  server.listen(0, process.argv[1], () => console.log('listening', server.address().port));
`;

/** Sends a key stream, so that no two parts are equal and a swapped or repeated segment is detected. */
const senderScript = `
  import { createCipheriv, createHash, randomBytes } from 'node:crypto';
  import { connect } from 'node:net';
  import { once } from 'node:events';
  const [address, port, octets] = process.argv.slice(1);
  const stream = createCipheriv('aes-128-ctr', randomBytes(16), randomBytes(16));
  const hash = createHash('sha256');
  const socket = connect({ host: address, port: Number(port) });
  socket.on('error', (error) => { console.error(error.message); process.exit(1); });
  await once(socket, 'connect');
  const started = performance.now();
  for (let left = Number(octets); left > 0; ) {
    const chunk = stream.update(Buffer.alloc(Math.min(left, 65536)));
    hash.update(chunk);
    left -= chunk.length;
    if (!socket.write(chunk)) await once(socket, 'drain');
  }
  socket.end();
  socket.resume();
  await once(socket, 'end');
  console.log('sent', octets, hash.digest('hex'), performance.now() - started);
`;

/** Sends `octets` over one TCP connection from one machine to another. */
export async function transfer(
  laboratory: Laboratory,
  from: Namespace,
  { host, address }: Place,
  octets: number,
): Promise<TransferResult> {
  const receiver = Program.start(laboratory, host, node(`receiver on ${host.label}`, receiverScript, [address]));
  const port = (await receiver.line(/listening (\d+)/))[1] ?? '';
  const sender = Program.start(
    laboratory,
    from,
    node(`sender on ${from.label}`, senderScript, [address, port, String(octets)]),
  );
  const sent = await sender.line(/sent (\d+) (\w+) ([\d.]+)/, patienceMs);
  const received = await receiver.line(/received (\d+) (\w+)/, patienceMs);
  if (sent[1] !== received[1] || sent[2] !== received[2]) {
    throw new LabError(`${from.label} ${sent[0]}, but ${host.label} ${received[0]}.`);
  }
  const megabitsPerSecond = (octets * 8) / 1000 / Number(sent[3]);
  return { octets: Number(received[1]), sha256: received[2] ?? '', megabitsPerSecond };
}

function node(
  name: string,
  script: string,
  args: readonly string[],
): { name: string; command: string; args: string[] } {
  return { name, command: process.execPath, args: ['--input-type=module', '-e', script, ...args] };
}
