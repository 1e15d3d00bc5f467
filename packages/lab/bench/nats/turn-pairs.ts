import { turnAddress } from '../../src/network/address-plan.ts';
import { blockUdp } from '../../src/network/nat-box.ts';
import { exchange, type PairOutcome } from './exchange.ts';
import { NatScene } from './scene.ts';

const uris = {
  UDP: `turn:${turnAddress}`,
  TCP: `turn:${turnAddress}?transport=tcp`,
  TLS: `turns:${turnAddress}`,
} as const;

const random = 'port-symmetric';

/** Two clients behind NATs that choose every port at random, through coturn over each transport. */
export async function* exchangeThroughTurn(octets: number): AsyncGenerator<PairOutcome> {
  for (const [transport, uri] of Object.entries(uris)) {
    const pair = { from: random, to: random, path: `TURN over ${transport}`, need: 'TURN' };
    yield* await NatScene.try(pair, async (scene) => {
      await scene.startTurn();
      const start = () => scene.client(scene.internet.home(random).host, scene.turnFlags({ uris: [uri] }));
      const clients = await Promise.all([start(), start()]);
      return [{ ...pair, measured: await exchange(scene.laboratory, ...clients, octets) }];
    });
  }
}

/** A client whose UDP is blocked, which falls back by itself, and one behind an ordinary NAT. */
export async function* exchangeWithoutUdp(octets: number): AsyncGenerator<PairOutcome> {
  for (const transport of ['TCP', 'TLS'] as const) {
    const pair = { from: 'UDP blocked', to: 'port-restricted', path: `TURN over ${transport}`, need: 'TURN' };
    yield* await NatScene.try(pair, async (scene) => {
      await scene.startTurn();
      const { host, router } = scene.internet.home();
      blockUdp(router);
      const flags = scene.turnFlags({ uris: [uris[transport]], use: 'fallback' });
      const blocked = await scene.fallenBack(await scene.silentClient(host, flags));
      const peer = await scene.client(scene.internet.home().host);
      return [{ ...pair, measured: await exchange(scene.laboratory, blocked, peer, octets) }];
    });
  }
}
