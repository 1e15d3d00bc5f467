import { fileURLToPath } from 'node:url';
import { serverAddress } from '../src/network/address-plan.ts';
import type { Stage } from './stage.ts';

export interface SolicitationFigures {
  readonly perSecond: number;
  readonly medianMs: number;
}

/** Where the stranger of the laboratory lives. */
const strangerAddress = '198.51.100.66';

/** `trains`: many leave with one system call, as from one busy place. `single`: each by itself, as from many clients. */
export type Asking = 'trains' | 'single';

/** Answers per second of the server to a machine nearby, with so many questions under way. */
export async function solicitations(
  stage: Stage,
  inFlight: number,
  asking: Asking,
  seconds: number,
): Promise<SolicitationFigures> {
  const script = fileURLToPath(new URL('./solicitation-load.js', import.meta.url));
  const args = [script, serverAddress, strangerAddress, inFlight, seconds, asking].map(String);
  const result = await stage.stranger.runBeside(process.execPath, args, { timeoutMs: seconds * 1000 + 20_000 });
  return JSON.parse(result.stdout) as SolicitationFigures;
}
