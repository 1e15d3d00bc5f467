import { fileURLToPath } from 'node:url';
import { serverAddress } from '../src/network/address-plan.ts';
import type { Stage } from './stage.ts';

export interface SolicitationFigures {
  readonly perSecond: number;
  readonly medianMs: number;
}

/** The address of the laboratory's foreign host. */
const bystanderAddress = '198.51.100.66';

/** `trains`: many leave with one system call, as from one busy site. `single`: each by itself, as from many clients. */
export type Asking = 'trains' | 'single';

/** Measures the answers per second of the server to a machine nearby, with a number of outstanding solicitations. */
export async function solicitations(
  stage: Stage,
  inFlight: number,
  asking: Asking,
  seconds: number,
): Promise<SolicitationFigures> {
  const script = fileURLToPath(new URL('./solicitation-load.js', import.meta.url));
  const args = [script, serverAddress, bystanderAddress, inFlight, seconds, asking].map(String);
  const result = await stage.bystander.runBeside(process.execPath, args, { timeoutMs: seconds * 1000 + 20_000 });
  return JSON.parse(result.stdout) as SolicitationFigures;
}
