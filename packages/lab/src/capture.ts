import { run } from './command.ts';
import type { Laboratory } from './laboratory.ts';
import type { Namespace } from './namespace.ts';
import { Program } from './program.ts';

/** A recording of what passes an interface. */
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
  const options = ['-r', file, '--enable-heuristic', 'teredo_udp', '-o', 'tcp.check_checksum:TRUE'];
  const lines = (filter: string): string[] =>
    run('tshark', [...options, '-Y', filter], { timeoutMs: 180_000 })
      .stdout.split('\n')
      .filter(Boolean);
  // The outer checksum is left to the network card and thus not yet there; the inner ones must be right.
  const badChecksum = 'icmpv6.checksum.status == "Bad" || (ipv6 && tcp.checksum.status == "Bad")';
  return {
    frames: lines('frame').length,
    teredoFrames: lines('teredo').length,
    faults: lines(`_ws.malformed || ${badChecksum}`),
  };
}
