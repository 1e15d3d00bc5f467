import { hostTime } from '../scheduling/time.ts';
import { type DataPlaneStarter, dataPlaneStarter } from '../worker/data-plane-handle.ts';
import { endAtEarlySignals } from './early-end.ts';
import type { Program } from './program.ts';

/** Parses the command line, does what it says and ends the process: 0 done, others as `failure-status.ts` and `exit-status.ts` say. */
export async function runProgram(program: Program, args: readonly string[] = process.argv.slice(2)): Promise<never> {
  const isRunning = isRun(args);
  if (isRunning) endAtEarlySignals();
  const startDataPlane = isRunning ? starter(program) : undefined;
  // Loaded now, while the data plane's thread loads its own code.
  const { carryOutCommandLine } = await import('./command-line.ts');
  process.exit(await carryOutCommandLine(program, args, () => startDataPlane ?? starter(program)));
}

function starter(program: Program): DataPlaneStarter {
  return dataPlaneStarter(new URL('./data-plane.js', program.entry), hostTime);
}

/** A guess that costs a little time when it is wrong. */
function isRun(args: readonly string[]): boolean {
  return !args.some((arg) => ['check', 'status', 'diagnose', 'help', '-h', '--help', '--version'].includes(arg));
}
