import { type ChildProcess, spawn } from 'node:child_process';
import type { HookConfiguration } from '@navalis/config';
import type { Time } from '../scheduling/time.ts';

/** The end of one run of a program for an event. */
export type HookEnding =
  | { readonly kind: 'done' }
  /** It could not be started; `reason` is the code of the error, such as `ENOENT`. */
  | { readonly kind: 'not-started'; readonly reason: string }
  | { readonly kind: 'failed'; readonly status: number | string; readonly lastLine: string }
  | { readonly kind: 'timed-out'; readonly lastLine: string };

/** Runs a program with a text as its standard input. Never rejects. */
export type HookRunner = (hook: HookConfiguration, input: string) => HookRun;

/** A program that runs for one event. */
export interface HookRun {
  readonly ended: Promise<HookEnding>;
  /** Ends the program and its children at once. */
  kill(): void;
}

/** Our choice: the time between SIGTERM and SIGKILL. */
const graceMs = 2_000;

/** Our choice: the wait for the rest of the standard error, which a child of the program may hold open. */
const lastWordsMs = 100;

/** The most of the standard error that is kept, in UTF-16 units; and the most of its last line that the log shows. */
const keptErrors = 4_096;
const shownLine = 300;

/** The environment of each run: nothing of this program's own, which may name its credentials. */
const environment = { PATH: '/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin', LANG: 'C.UTF-8' };

/** Runs programs in a process group of their own, so that their children end with them. */
export function hostHookRunner(time: Pick<Time, 'after'>): HookRunner {
  return ({ command, timeoutMs }, input) => {
    const [program = '', ...args] = command;
    let child: ChildProcess;
    try {
      child = spawn(program, args, { cwd: '/', env: environment, detached: true, stdio: ['pipe', 'ignore', 'pipe'] });
    } catch (error) {
      const reason = (error as NodeJS.ErrnoException).code ?? 'unknown';
      return { ended: Promise.resolve({ kind: 'not-started', reason }), kill: () => undefined };
    }
    // Without a free descriptor there are no pipes.
    const { stdin, stderr } = child;
    const signal = (name: NodeJS.Signals) => signalGroup(child.pid, name);
    const ended = new Promise<HookEnding>((resolve) => {
      let errors = '';
      let isLate = false;
      let cancelKill: () => void = () => undefined;
      const cancelTerm = time.after(timeoutMs, () => {
        isLate = true;
        signal('SIGTERM');
        cancelKill = time.after(graceMs, () => signal('SIGKILL'));
      });
      const end = (ending: HookEnding) => {
        cancelTerm();
        cancelKill();
        // Children that the program left behind would keep the pipe.
        stderr?.destroy();
        stdin?.destroy();
        resolve(ending);
      };
      // A program may end without reading its input.
      stdin?.on('error', () => undefined);
      stdin?.end(input);
      stderr?.setEncoding('utf8').on('data', (text: string) => {
        errors = (errors + text).slice(-keptErrors);
      });
      child.on('error', (error: NodeJS.ErrnoException) =>
        end({ kind: 'not-started', reason: error.code ?? 'unknown' }),
      );
      child.on('exit', (status, by) => {
        // After the limit, children of the program end too.
        if (isLate) signal('SIGKILL');
        const tell = () => {
          const lastLine = lastLineOf(errors);
          if (isLate) end({ kind: 'timed-out', lastLine });
          else if (status === 0) end({ kind: 'done' });
          else end({ kind: 'failed', status: status ?? by ?? 'unknown', lastLine });
        };
        const cancel = time.after(lastWordsMs, tell);
        child.on('close', () => {
          cancel();
          tell();
        });
      });
    });
    return { ended, kill: () => signal('SIGKILL') };
  };
}

function signalGroup(pid: number | undefined, signal: NodeJS.Signals): void {
  if (pid === undefined) return;
  try {
    process.kill(-pid, signal);
  } catch {
    // Every process of the group has ended.
  }
}

/** Returns the last line that is not empty, without control characters. */
function lastLineOf(text: string): string {
  const lines = text.split(/[\r\n]+/).map((line) => line.replace(/[\p{Cc}\p{Cf}]/gu, ' ').trim());
  return (lines.findLast((line) => line !== '') ?? '').slice(0, shownLine);
}
