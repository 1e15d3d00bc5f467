import { hostTime } from '../scheduling/time.ts';
import { type DataPlaneStarter, dataPlaneStarter } from '../worker/data-plane-handle.ts';
import type { Program } from './program.ts';
import { endAtEarlySignals } from './signals/early-end.ts';
import { subcommands } from './subcommands.ts';

/** Executes the command line and ends the process: status 0 on success, others see `failure-status.ts`, `exit-status.ts`. */
export async function runProgram(program: Program, args: readonly string[] = process.argv.slice(2)): Promise<never> {
  const isRunning = isRun(args);
  if (isRunning) endAtEarlySignals();
  else endWithReader();
  const startDataPlane = isRunning ? starter(program) : undefined;
  // Loaded now, while the data plane's thread loads its own code.
  const { carryOutCommandLine } = await import('./command-line.ts');
  process.exit(await carryOutCommandLine(program, args, () => startDataPlane ?? starter(program)));
}

/** Ends a command whose reader has gone, as `head` does, without an error. */
function endWithReader(): void {
  process.stdout.on('error', (error: NodeJS.ErrnoException) => {
    if (error.code !== 'EPIPE') throw error;
    process.exit(0);
  });
}

function starter(program: Program): DataPlaneStarter {
  return dataPlaneStarter(new URL('./data-plane.js', program.entry), hostTime);
}

/** Guesses whether the command runs a role; a wrong guess costs a little time. */
function isRun(args: readonly string[]): boolean {
  const others = subcommands.map(({ name }) => name).filter((name) => name !== 'run');
  return !args.some((arg) => [...others, 'help', '-h', '--help', '--version'].includes(arg));
}
