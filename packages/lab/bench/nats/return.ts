import { exchange, type PairOutcome } from './exchange.ts';
import { NatScene } from './scene.ts';

/** The first check of the direct way comes 5 min after the change to the TURN server. */
const returnWithinMs = 400_000;

/** A client behind a symmetric NAT falls back to TURN; the NAT becomes an ordinary one, and the client returns to its own mapping. */
export async function* exchangeAfterReturn(octets: number): AsyncGenerator<PairOutcome> {
  const pair = { from: 'no longer symmetric', to: 'port-restricted', path: 'direct', need: 'return' };
  yield* await NatScene.try(pair, async (scene) => {
    await scene.startTurn();
    const home = scene.internet.home('port-symmetric');
    const client = await scene.fallenBack(await scene.client(home.host, scene.turnFlags({ use: 'fallback' })));
    home.changeNat('port-restricted');
    const startedAt = performance.now();
    const own = async () => {
      const { state, turn, address } = await client.status();
      return (state === 'qualified' && turn === undefined && address) || undefined;
    };
    const address = await client.program.until('an address of its own', own, returnWithinMs, 1_000);
    const seconds = ((performance.now() - startedAt) / 1_000).toFixed(0);
    const peer = await scene.client(scene.internet.home().host);
    const measured = await exchange(scene.laboratory, { ...client, address }, peer, octets);
    return [{ ...pair, path: `direct, ${seconds} s after the change`, measured }];
  });
}
