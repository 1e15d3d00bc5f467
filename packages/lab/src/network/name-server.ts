import type { Laboratory } from '../laboratory.ts';
import { Program } from '../programs/program.ts';
import type { Namespace } from './namespace.ts';

/** Refuses every question, or says nothing, until its input tells it to answer; then each name has the one address. */
const script = `
  import { createSocket } from 'node:dgram';
  import { createInterface } from 'node:readline';
  const socket = createSocket('udp4');
  let address;
  socket.on('message', (question, from) => {
    if (address === undefined && process.argv[2] === 'silent') return;
    let end = 12;
    while (question[end] !== 0) end += question[end] + 1;
    end += 5;
    const isIpv4 = question.readUInt16BE(end - 4) === 1;
    const answers = address !== undefined && isIpv4;
    const header = Buffer.from(question.subarray(0, 12));
    header.writeUInt16BE(address === undefined ? 0x8185 : 0x8180, 2);
    header.writeUInt16BE(1, 4);
    header.writeUInt16BE(answers ? 1 : 0, 6);
    header.writeUInt32BE(0, 8);
    const answer = [0xc0, 12, 0, 1, 0, 1, 0, 0, 0, 5, 0, 4, ...(address ?? '').split('.').map(Number)];
    const parts = [header, question.subarray(12, end), ...(answers ? [Buffer.from(answer)] : [])];
    socket.send(Buffer.concat(parts), from.port, from.address);
  });
  socket.bind(53, process.argv[1], () => console.log('ready'));
  createInterface({ input: process.stdin }).on('line', (line) => {
    address = line;
  });
`;

/** A name server that comes late. */
export class NameServer {
  readonly #program: Program;

  private constructor(program: Program) {
    this.#program = program;
  }

  static async start(
    laboratory: Laboratory,
    machine: Namespace,
    address: string,
    atFirst: 'refuses' | 'silent',
  ): Promise<NameServer> {
    const program = Program.start(laboratory, machine, {
      name: `name server on ${machine.label}`,
      command: process.execPath,
      args: ['--input-type=module', '-e', script, address, atFirst],
      interactive: true,
    });
    await program.line(/^ready$/m);
    return new NameServer(program);
  }

  /** Sets the address that the server returns for every name. */
  answer(address: string): void {
    this.#program.write(address);
  }
}
