import { type ChildProcess, spawn } from 'node:child_process';
import { commandEnvironment } from '../command.ts';
import { LabError } from '../lab-error.ts';
import type { Namespace } from '../network/namespace.ts';

export interface ProgramOptions {
  /** Its name in messages, such as `teredo-client on client-1`. */
  readonly name: string;
  readonly command: string;
  readonly args: readonly string[];
  readonly environment?: Readonly<Record<string, string>>;
  /** Gives the program a standard input, for `write`. */
  readonly interactive?: boolean;
}

/** Ends the programs that it was given. */
export interface ProgramKeeper {
  adopt(program: Program): void;
}

export interface Ending {
  readonly status: number | null;
  readonly signal: NodeJS.Signals | null;
}

/** The interval for polling states without an event. */
const lookAgainAfterMs = 10;

/** A program that runs in a namespace until it is stopped; its output is kept. */
export class Program {
  readonly name: string;
  readonly pid: number;
  /** Milliseconds of `performance.now()` when it was started. */
  readonly startedAtMs: number = performance.now();
  readonly ended: Promise<Ending>;
  ending: Ending | undefined;
  output: string = '';
  readonly #child: ChildProcess;

  private constructor(namespace: Namespace, options: ProgramOptions) {
    this.name = options.name;
    // `ip netns exec` becomes the program: the child's number is the program's.
    const child = spawn('ip', ['netns', 'exec', namespace.name, options.command, ...options.args], {
      env: { ...commandEnvironment(), ...options.environment },
      stdio: [options.interactive === true ? 'pipe' : 'ignore', 'pipe', 'pipe'],
    });
    if (child.pid === undefined) throw new LabError(`${options.name} could not be started.`);
    this.#child = child;
    this.pid = child.pid;
    const keep = (text: string): void => {
      this.output += text;
    };
    child.stdout?.setEncoding('utf8').on('data', keep);
    child.stderr?.setEncoding('utf8').on('data', keep);
    this.ended = new Promise((resolve) => {
      child.on('close', (status, signal) => {
        this.ending = { status, signal };
        resolve(this.ending);
      });
    });
  }

  static start(keeper: ProgramKeeper, namespace: Namespace, options: ProgramOptions): Program {
    const program = new Program(namespace, options);
    keeper.adopt(program);
    return program;
  }

  /** Waits until `probe` returns a value; fails at once if the program ends before that. */
  async until<T>(
    what: string,
    probe: () => T | undefined | Promise<T | undefined>,
    timeoutMs: number,
    pauseMs: number = lookAgainAfterMs,
  ): Promise<T> {
    const giveUpAt = performance.now() + timeoutMs;
    for (;;) {
      const answer = await probe();
      if (answer !== undefined) return answer;
      if (this.ending !== undefined) throw this.#failure(`ended before ${what}`);
      if (performance.now() > giveUpAt) throw this.#failure(`did not show ${what} within ${timeoutMs} ms`);
      await new Promise((resolve) => setTimeout(resolve, pauseMs));
    }
  }

  /** Waits for a line of output. */
  line(pattern: RegExp, timeoutMs = 20_000): Promise<RegExpExecArray> {
    return this.until(`output like ${pattern}`, () => pattern.exec(this.output) ?? undefined, timeoutMs);
  }

  /** Gives an interactive program a line of input. */
  write(line: string): void {
    this.#child.stdin?.write(`${line}\n`);
  }

  signal(signal: NodeJS.Signals): void {
    if (this.ending === undefined) this.#child.kill(signal);
  }

  /** Ends it with SIGTERM; a program that ignores that for `patienceMs` is killed and reported. */
  async stop(patienceMs = 10_000): Promise<Ending> {
    this.signal('SIGTERM');
    let timer: NodeJS.Timeout | undefined;
    const patience = new Promise<undefined>((resolve) => {
      timer = setTimeout(resolve, patienceMs, undefined);
    });
    const ending = await Promise.race([this.ended, patience]);
    clearTimeout(timer);
    if (ending !== undefined) return ending;
    await this.kill();
    throw this.#failure(`did not end within ${patienceMs} ms of SIGTERM`);
  }

  async kill(): Promise<Ending> {
    this.signal('SIGKILL');
    return this.ended;
  }

  #failure(what: string): LabError {
    const state = this.ending === undefined ? '' : ` (status ${this.ending.status ?? this.ending.signal})`;
    return new LabError(`${this.name} ${what}${state}. Its output ends:\n${this.output.trim().slice(-1500)}`);
  }
}
