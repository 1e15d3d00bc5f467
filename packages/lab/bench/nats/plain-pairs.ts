import { type NatKind, natPairs } from '@navalis/nat';
import type { LabNatKind } from '../../src/network/internet.ts';
import type { NavalisClient } from '../../src/programs/navalis.ts';
import { exchange, type PairOutcome } from './exchange.ts';
import { NatScene } from './scene.ts';

/** The kinds that the laboratory has. */
export const labKinds: readonly LabNatKind[] = [
  'cone',
  'address-restricted',
  'port-restricted',
  'port-preserving-symmetric',
  'sequential-symmetric',
  'port-symmetric',
  'address-symmetric',
];

/** Clients behind every two kinds of NAT, each pair with clients of its own: directly, else with TURN behind symmetric NATs. */
export async function* exchangeBetweenPlainNats(octets: number): AsyncGenerator<PairOutcome> {
  for (const { from, to, need } of natPairs) {
    if (!isOfLab(from) || !isOfLab(to)) continue;
    const pair = { from, to, path: 'direct', need };
    yield* await NatScene.try(pair, async (scene) => {
      const behind = async (kind: LabNatKind) => scene.client((await scene.internet.homeBehind(kind)).host);
      const [one, other] = await Promise.all([behind(from), behind(to)]);
      const direct = { ...pair, measured: await exchange(scene.laboratory, one, other, octets) };
      if (direct.measured !== undefined) return [direct];
      await scene.startTurn();
      const withTurn = await Promise.all([relayed(scene, from), relayed(scene, to)]);
      const measured = await exchange(scene.laboratory, ...withTurn, octets);
      return [direct, { from, to, path: 'TURN over UDP', need: 'TURN', measured }];
    });
  }
}

/** Starts a client that uses TURN if its NAT is symmetric. */
export async function relayed(scene: NatScene, kind: LabNatKind): Promise<NavalisClient> {
  const { host } = await scene.internet.homeBehind(kind);
  if (!kind.endsWith('symmetric')) return scene.client(host);
  return scene.fallenBack(await scene.client(host, scene.turnFlags({ use: 'fallback' })));
}

function isOfLab(kind: NatKind): kind is LabNatKind {
  return (labKinds as readonly NatKind[]).includes(kind);
}
