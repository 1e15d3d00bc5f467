import { type ChildProcess, spawn } from 'node:child_process';
import { stripVTControlCharacters } from 'node:util';

/** An interactive shell on a terminal of its own. */
export class Shell {
  readonly #process: ChildProcess;
  #output = '';

  /** Starts a shell and runs a command in it. */
  static async start(command: string, setUp: string): Promise<Shell> {
    const shell = new Shell(command);
    await shell.type(`${setUp}; echo read''y\n`, /ready/);
    return shell;
  }

  private constructor(command: string) {
    this.#process = spawn('script', ['--quiet', '--flush', '--command', command, '/dev/null'], {
      env: { ...process.env, TERM: 'dumb', LC_ALL: 'C.UTF-8', COLUMNS: '200' },
      stdio: ['pipe', 'pipe', 'inherit'],
    });
    this.#process.stdout!.setEncoding('utf8').on('data', (text: string) => {
      this.#output += stripVTControlCharacters(text);
    });
  }

  /** Types keys; resolves with the output from then on, once it contains the pattern. */
  async type(keys: string, pattern: RegExp): Promise<string> {
    this.#output = '';
    this.#process.stdin!.write(keys);
    const endAt = Date.now() + 20_000;
    while (!pattern.test(this.#output)) {
      if (Date.now() > endAt) throw new Error(`The shell did not write ${pattern}: ${JSON.stringify(this.#output)}`);
      await new Promise((resolve) => setTimeout(resolve, 20));
    }
    return this.#output;
  }

  close(): void {
    this.#process.kill('SIGKILL');
  }
}
