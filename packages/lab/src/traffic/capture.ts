import { run } from '../command.ts';
import type { Laboratory } from '../laboratory.ts';
import type { Namespace } from '../network/namespace.ts';
import { Program } from '../programs/program.ts';

/** A recording of the packets on an interface. */
export class Capture {
  readonly file: string;
  readonly #program: Program;

  private constructor(file: string, program: Program) {
    this.file = file;
    this.#program = program;
  }

  static async start(laboratory: Laboratory, host: Namespace, device: string, file: string): Promise<Capture> {
    const program = Program.start(laboratory, host, {
      name: `dumpcap on ${host.label}`,
      command: 'dumpcap',
      args: ['-q', '-i', device, '-s', '0', '-B', '64', '-w', file],
    });
    await program.line(/^File: /m);
    return new Capture(file, program);
  }

  async stop(): Promise<void> {
    await this.#program.stop();
  }
}

export interface CaptureJudgement {
  readonly frames: number;
  /** Frames in which tshark found a Teredo tunnel. */
  readonly teredoFrames: number;
  /** One line for each frame that tshark calls malformed, or whose inner checksum is wrong. */
  readonly faults: readonly string[];
}

/** Has tshark read a recording: every UDP payload that looks like Teredo is decoded as such, on any port. */
export function judgeCapture(file: string): CaptureJudgement {
  const decoding = ['--enable-heuristic', 'teredo_udp', '-o', 'tcp.check_checksum:TRUE'];
  // Payloads are random: reassembly would detect wrong protocols, and report TCP retransmissions as malformed.
  const options = ['-r', file, ...decoding, '-o', 'tcp.desegment_tcp_streams:FALSE', '-T', 'fields'];
  const fields = fieldNames.flatMap((name) => ['-e', name]);
  const { stdout } = run('tshark', [...options, ...fields], { timeoutMs: 180_000 });
  const rows = stdout.split('\n').filter(Boolean);
  return {
    frames: rows.length,
    teredoFrames: rows.filter((row) => row.split('\t')[1]?.includes(':teredo')).length,
    faults: rows.filter(isFaulty),
  };
}

/** Outer UDP checksums are left to the network card and thus not there yet; those inside the tunnel must be right. */
const fieldNames = [
  'frame.number',
  'frame.protocols',
  '_ws.malformed',
  'icmpv6.checksum.status',
  'tcp.checksum.status',
  'tcp.checksum',
  '_ws.col.Info',
];

function isFaulty(row: string): boolean {
  const [, , malformed = '', icmpv6Status = '', tcpStatus = '', tcpChecksum = ''] = row.split('\t');
  const isBad = (status: string): boolean => status.split(',').includes(badChecksum);
  return malformed !== '' || isBad(icmpv6Status) || (isBad(tcpStatus) && tcpChecksum !== negativeZero);
}

/** tshark's number for a checksum that does not fit. */
const badChecksum = '0';
/**
 * Linux writes this instead of 0 when a host computes a checksum for a device that does not: in one's complement the same
 * number. tshark wants the other one.
 */
const negativeZero = '0xffff';
