import { existsSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { LabError } from '../lab-error.ts';
import type { Laboratory } from '../laboratory.ts';
import type { Namespace } from '../network/namespace.ts';
import { Program } from '../programs/program.ts';
import { repositoryPath } from '../repository.ts';
import { UnpackedPackage } from '../unpacked-package.ts';

const bird2 = new UnpackedPackage('bird2');

const patienceMs = 20_000;

/** The configurations that the guide shows and the packages ship. */
type BirdExample = 'relay' | 'router';

/** The differences of a configuration from its example. */
interface BirdChanges {
  /** Other values of its definitions. */
  readonly definitions: Readonly<Record<string, string>>;
  /** Other texts in place of texts of the example. */
  readonly texts?: Readonly<Record<string, string>> | undefined;
}

/** BIRD on one machine, with an example of the guide and values of its own in place of the definitions there. */
export class Bird {
  readonly host: Namespace;
  readonly program: Program;
  readonly #socket: string;

  private constructor(host: Namespace, program: Program, socket: string) {
    this.host = host;
    this.program = program;
    this.#socket = socket;
  }

  static async start(
    laboratory: Laboratory,
    host: Namespace,
    example: BirdExample,
    changes: BirdChanges,
  ): Promise<Bird> {
    const file = laboratory.file(`bird-${host.label}.conf`);
    const socket = laboratory.file(`bird-${host.label}.ctl`);
    writeFileSync(file, configurationOf(example, changes));
    // Of one that was killed.
    rmSync(socket, { force: true });
    const program = Program.start(laboratory, host, {
      name: `bird on ${host.label}`,
      command: bird2.program('usr/sbin/bird'),
      args: ['-f', '-c', file, '-s', socket, '-P', laboratory.file(`bird-${host.label}.pid`)],
      environment: bird2.environment,
    });
    await program.until('its socket', () => existsSync(socket) || undefined, patienceMs);
    return new Bird(host, program, socket);
  }

  /** Returns the output of a command of `birdc`. */
  async ask(...words: readonly string[]): Promise<string> {
    const args = [
      `LD_LIBRARY_PATH=${bird2.environment.LD_LIBRARY_PATH}`,
      bird2.program('usr/sbin/birdc'),
      '-r',
      '-s',
      this.#socket,
      ...words,
    ];
    return (await this.host.runBeside('env', args, { tolerant: true })).stdout;
  }
}

/** Returns an example with changes. */
function configurationOf(example: BirdExample, { definitions, texts = {} }: BirdChanges): string {
  let text = readFileSync(repositoryPath(`bird/${example}.conf`), 'utf8');
  for (const [name, value] of Object.entries(definitions)) {
    const line = new RegExp(`^define ${name} = .*;$`, 'm');
    if (!line.test(text)) throw new LabError(`bird/${example}.conf does not define ${name}.`);
    text = text.replace(line, `define ${name} = ${value};`);
  }
  for (const [from, to] of Object.entries(texts)) {
    if (!text.includes(from)) throw new LabError(`bird/${example}.conf does not contain "${from}".`);
    text = text.replace(from, to);
  }
  return text;
}
