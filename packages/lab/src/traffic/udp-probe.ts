import type { Laboratory } from '../laboratory.ts';
import type { Namespace } from '../network/namespace.ts';
import { Program } from '../programs/program.ts';
import type { Endpoint } from './hostile-sender.ts';

export interface ReceivedDatagram {
  readonly from: Endpoint;
  readonly bytes: Uint8Array;
}

/** Lines of `address port hex` in and out. */
const script = `
  import { createSocket } from 'node:dgram';
  import { createInterface } from 'node:readline';
  const socket = createSocket('udp4');
  socket.on('message', (bytes, from) => console.log('got', from.address, from.port, bytes.toString('hex')));
  socket.bind(0, process.argv[1], () => console.log('port', socket.address().port));
  createInterface({ input: process.stdin }).on('line', (line) => {
    const [address, port, hex] = line.split(' ');
    socket.send(Buffer.from(hex, 'hex'), Number(port), address);
  });
`;

/** A UDP socket on a machine of the laboratory: for a peer whose test determines every octet. */
export class UdpProbe {
  readonly endpoint: Endpoint;
  readonly #program: Program;
  #read = 0;

  private constructor(endpoint: Endpoint, program: Program) {
    this.endpoint = endpoint;
    this.#program = program;
  }

  static async start(laboratory: Laboratory, machine: Namespace, address: string): Promise<UdpProbe> {
    const program = Program.start(laboratory, machine, {
      name: `probe on ${machine.label}`,
      command: process.execPath,
      args: ['--input-type=module', '-e', script, address],
      interactive: true,
    });
    const port = Number((await program.line(/^port (\d+)$/m))[1]);
    return new UdpProbe({ address, port }, program);
  }

  send(bytes: Uint8Array, to: Endpoint): void {
    this.#program.write(`${to.address} ${to.port} ${Buffer.from(bytes).toString('hex')}`);
  }

  /** Returns the first matching datagram since the last returned one; skips those before it. */
  receive(what: string, fits: (datagram: ReceivedDatagram) => boolean, timeoutMs = 10_000): Promise<ReceivedDatagram> {
    return this.#program.until(
      what,
      () => {
        const received = this.#received();
        for (; this.#read < received.length; ) {
          const datagram = received[this.#read]!;
          this.#read += 1;
          if (fits(datagram)) return datagram;
        }
        return undefined;
      },
      timeoutMs,
    );
  }

  #received(): ReceivedDatagram[] {
    return [...this.#program.output.matchAll(/^got (\S+) (\d+) ([0-9a-f]*)\n/gm)].map(
      ([, address = '', port, hex = '']) => ({
        from: { address, port: Number(port) },
        bytes: Uint8Array.from(Buffer.from(hex, 'hex')),
      }),
    );
  }
}
