import { type NatKind, needOf } from '@navalis/nat';
import { publicHome } from '../../src/network/public-home.ts';
import { startMiniupnpd } from '../../src/programs/miniupnpd.ts';
import type { NavalisClient } from '../../src/programs/navalis.ts';
import { exchange, type PairOutcome } from './exchange.ts';
import { labKinds, relayed } from './plain-pairs.ts';
import { NatScene } from './scene.ts';

/**
 * The kinds of the routers without a mapping. Behind `upnp-port-symmetric`, the first destination sees the mapping (RFC 6081 section 6.2), thus
 * the NAT keeps the port of the first destination. One that is `fully-random` even there makes its mapping worthless.
 */
const mappedKinds = {
  'upnp-port-restricted': 'port-restricted',
  'upnp-port-symmetric': 'port-preserving-symmetric',
} as const;

/** Keeps clients from using that the NAT keeps ports elsewhere. */
const withoutRandomPorts = ['--sequential-nat-support', 'false', '--port-preserving-nat-support', 'false'];

type MappedKind = keyof typeof mappedKinds;

/** Clients behind routers on which miniupnpd maps their ports, with each other and with clients behind every other kind. */
export async function* exchangeWithMappings(octets: number): AsyncGenerator<PairOutcome> {
  for (const from of Object.keys(mappedKinds) as MappedKind[]) {
    for (const to of [...(Object.keys(mappedKinds) as MappedKind[]), ...labKinds]) {
      const pair = { from, to, path: 'direct, mapped', need: needOf(from, to) };
      yield* await NatScene.try(pair, async (scene) => {
        const one = await mapped(scene, from);
        const other = isMapped(to)
          ? await mapped(scene, to)
          : await scene.client((await scene.internet.homeBehind(to)).host);
        const path = `direct, mapped by ${await scene.mappingProtocol(one)}`;
        const measured = await exchange(scene.laboratory, one, other, octets);
        const direct = { ...pair, path, measured };
        if (measured !== undefined || isMapped(to)) return [direct];
        await scene.startTurn();
        const [behindMapping, peer] = to.endsWith('symmetric')
          ? [one, await relayed(scene, to)]
          : [await relayed(scene, mappedKinds[from]), other];
        const again = await exchange(scene.laboratory, behindMapping, peer, octets);
        return [direct, { from, to, path: `${path}; TURN over UDP`, need: 'TURN', measured: again }];
      });
    }
  }
}

async function mapped(scene: NatScene, kind: MappedKind): Promise<NavalisClient> {
  const home = publicHome(scene.internet, mappedKinds[kind]);
  await startMiniupnpd(scene.laboratory, home);
  const state = scene.laboratory.file(`state-${home.router.label}`);
  const flags = ['--port-mapping', 'auto', '--state-directory', state, ...withoutRandomPorts];
  return scene.client(home.host, flags);
}

function isMapped(kind: NatKind): kind is MappedKind {
  return kind in mappedKinds;
}
