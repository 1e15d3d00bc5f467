import { LabError } from '../lab-error.ts';
import type { Laboratory } from '../laboratory.ts';
import type { Namespace } from '../network/namespace.ts';
import type { Place } from '../network/place.ts';
import { Program } from '../programs/program.ts';

/** The result of a stream whose octets came back as they were sent. */
export interface EchoStreamResult {
  readonly octets: number;
  /** Hash of what was sent and of what came back. */
  readonly sha256: string;
  /** The longest time in which nothing came back. */
  readonly longestStallMs: number;
}

const patienceMs = 60_000;

/** Sends back what comes. */
const echoScript = `
  import { createServer } from 'node:net';
  const server = createServer((socket) => socket.pipe(socket));
  server.listen(0, process.argv[1], () => console.log('listening', server.address().port));
`;

/** Sends 2000 octets of a key stream every 20 ms until a line comes, and compares what comes back. */
const senderScript = `
  import { createCipheriv, createHash, randomBytes } from 'node:crypto';
  import { connect } from 'node:net';
  import { once } from 'node:events';
  const [address, port] = process.argv.slice(1);
  const stream = createCipheriv('aes-128-ctr', randomBytes(16), randomBytes(16));
  const [sent, received] = [createHash('sha256'), createHash('sha256')];
  let [octets, longestStall] = [0, 0];
  const socket = connect({ host: address, port: Number(port), noDelay: true });
  socket.on('error', (error) => { console.error('broken', error.message); process.exit(1); });
  await once(socket, 'connect');
  console.log('connected');
  let last = performance.now();
  socket.on('data', (chunk) => {
    const now = performance.now();
    longestStall = Math.max(longestStall, now - last);
    last = now;
    received.update(chunk);
  });
  const timer = setInterval(() => {
    const chunk = stream.update(Buffer.alloc(2000));
    sent.update(chunk);
    octets += chunk.length;
    socket.write(chunk);
  }, 20);
  process.stdin.once('data', () => { clearInterval(timer); socket.end(); });
  await once(socket, 'end');
  console.log('result', octets, sent.digest('hex'), received.digest('hex'), longestStall);
  process.exit(0);
`;

/** One TCP connection that stays open and carries data both ways, until it is told to end. */
export class EchoStream {
  readonly #sender: Program;

  private constructor(sender: Program) {
    this.#sender = sender;
  }

  /** Connects to the host at a place. */
  static async start(laboratory: Laboratory, from: Namespace, { host, address }: Place): Promise<EchoStream> {
    const start = (machine: Namespace, name: string, script: string, args: readonly string[]) =>
      Program.start(laboratory, machine, {
        name: `${name} on ${machine.label}`,
        command: process.execPath,
        args: ['--input-type=module', '-e', script, ...args],
        interactive: true,
      });
    const echo = start(host, 'echo server', echoScript, [address]);
    const [, port = ''] = await echo.line(/listening (\d+)/);
    const sender = start(from, 'stream', senderScript, [address, port]);
    await sender.line(/connected/);
    return new EchoStream(sender);
  }

  /** Ends the connection when all came back. @throws LabError if it broke, or other octets came back than were sent. */
  async finish(): Promise<EchoStreamResult> {
    this.#sender.write('finish');
    const [, octets, sent, received, stall] = await this.#sender.line(/result (\d+) (\w+) (\w+) ([\d.]+)/, patienceMs);
    if (sent !== received) throw new LabError(`${this.#sender.name} got back other octets than it sent.`);
    return { octets: Number(octets), sha256: sent ?? '', longestStallMs: Number(stall) };
  }
}
