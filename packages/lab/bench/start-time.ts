import { startMiredoClient } from '../src/programs/miredo.ts';
import { startClient } from '../src/programs/navalis.ts';
import type { Stage } from './stage.ts';

/** Milliseconds from the start of a client's process until its address is on an interface, on a host that had none. */
export async function addressAfterMs({ contestant, laboratory, newcomer }: Stage): Promise<number> {
  const startedAt = performance.now();
  const { program } =
    contestant === 'miredo' ? await startMiredoClient(laboratory, newcomer) : await startClient(laboratory, newcomer);
  const took = performance.now() - startedAt;
  await program.stop();
  return took;
}
