import { spawn, spawnSync } from 'node:child_process';
import { LabError } from './lab-error.ts';

export interface CommandOptions {
  /** After this the command is killed and counts as failed. Default 20 s. */
  readonly timeoutMs?: number;
  readonly input?: string;
  /** Returns a non-zero exit status instead of throwing. */
  readonly tolerant?: boolean;
}

export interface CommandResult {
  /** Exit status; -1 when a signal or the time-out ended it. */
  readonly status: number;
  readonly stdout: string;
  readonly stderr: string;
}

const largestOutput = 64 * 1024 * 1024;

/** Runs a command to its end and blocks meanwhile: for set-up, and for clean-up, which also runs while the process exits. */
export function run(command: string, args: readonly string[], options: CommandOptions = {}): CommandResult {
  const { timeoutMs = 20_000, input = '' } = options;
  const result = spawnSync(command, args, {
    encoding: 'utf8',
    timeout: timeoutMs,
    killSignal: 'SIGKILL',
    input,
    maxBuffer: largestOutput,
    env: commandEnvironment(),
  });
  if (result.error !== undefined) throw notRunnable(command, args, result.error, timeoutMs);
  return judged(command, args, { status: result.status ?? -1, stdout: result.stdout, stderr: result.stderr }, options);
}

/** Runs a command to its end while others run. */
export function runBeside(
  command: string,
  args: readonly string[],
  options: CommandOptions = {},
): Promise<CommandResult> {
  const { timeoutMs = 20_000, input } = options;
  return new Promise((resolve, reject) => {
    const child = spawn(command, args, { env: commandEnvironment(), timeout: timeoutMs, killSignal: 'SIGKILL' });
    let stdout = '';
    let stderr = '';
    child.stdout.setEncoding('utf8').on('data', (text: string) => {
      stdout += text;
    });
    child.stderr.setEncoding('utf8').on('data', (text: string) => {
      stderr += text;
    });
    child.on('error', (error) => reject(notRunnable(command, args, error, timeoutMs)));
    child.on('close', (status) => {
      try {
        resolve(judged(command, args, { status: status ?? -1, stdout, stderr }, options));
      } catch (error) {
        reject(error);
      }
    });
    child.stdin.on('error', () => {});
    child.stdin.end(input);
  });
}

/** Debian's `ip` and `nft` are outside an ordinary user's PATH; output is parsed, so it must not be translated. */
export function commandEnvironment(): NodeJS.ProcessEnv {
  const { PATH = '' } = process.env;
  return { ...process.env, PATH: `${PATH}:/usr/sbin:/sbin`, LC_ALL: 'C' };
}

function judged(
  command: string,
  args: readonly string[],
  result: CommandResult,
  { tolerant, timeoutMs }: CommandOptions,
): CommandResult {
  if (result.status === 0 || tolerant === true) return result;
  const reason =
    result.status === -1
      ? `was killed (time-out ${timeoutMs ?? 20_000} ms)`
      : `ended with status ${result.status}: ${(result.stderr || result.stdout).trim().slice(-800)}`;
  throw new LabError(`${commandLine(command, args)} ${reason}`);
}

function notRunnable(command: string, args: readonly string[], error: Error, timeoutMs: number): LabError {
  const code = (error as NodeJS.ErrnoException).code;
  if (code === 'ENOENT') return new LabError(`The program ${command} is not installed.`, { cause: error });
  if (code === 'ETIMEDOUT') return new LabError(`${commandLine(command, args)} took more than ${timeoutMs} ms.`);
  return new LabError(`${commandLine(command, args)}: ${error.message}`, { cause: error });
}

function commandLine(command: string, args: readonly string[]): string {
  const line = [command, ...args].join(' ').replaceAll('\n', ' ');
  return line.length > 200 ? `${line.slice(0, 200)}...` : line;
}
