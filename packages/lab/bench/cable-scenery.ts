import type { Laboratory } from '../src/laboratory.ts';
import {
  dualStackAddress,
  dualStackIpv6Address,
  relayAddress,
  relayIpv6Address,
  serverAddress,
  serverSecondaryAddress,
} from '../src/network/address-plan.ts';
import { type Carriage, connect } from '../src/network/link.ts';
import type { Namespace } from '../src/network/namespace.ts';
import type { Scenery } from './scene.ts';
import { swarmServerAddress } from './swarm-addresses.ts';

/** A machine and the addresses at which others find it. */
interface Machine {
  readonly host: Namespace;
  readonly ipv4: readonly string[];
  readonly ipv6: readonly string[];
}

/**
 * Each two machines that exchange packets have a cable of their own, and the relay's machine is also the native host: a packet
 * crosses one cable and nothing else. The path between tunnel ends costs as little as possible, with and without a tunnel.
 */
export function cableScenery(laboratory: Laboratory, carriage: Carriage): Scenery {
  const machine = (label: string, ipv4: readonly string[], ipv6: readonly string[] = []): Machine => {
    const host = laboratory.machine(label);
    host.ip(...ipv4.map((address) => `addr add ${address}/32 dev lo`));
    return { host, ipv4, ipv6 };
  };
  const server = machine('server', [serverAddress, serverSecondaryAddress], ['2d00:0:0:1::10']);
  const relay = machine('relay', [relayAddress], [relayIpv6Address]);
  const dualStack = machine('dual-stack', [dualStackAddress], [dualStackIpv6Address]);
  const clients = [
    machine('client-1', ['198.51.100.41'], ['2d00:0:0:1::41']),
    machine('client-2', ['198.51.100.42'], ['2d00:0:0:1::42']),
    machine('client-3', ['198.51.100.43']),
  ] as const;
  const bystander = machine('bystander', ['198.51.100.66', swarmServerAddress]);
  const others = [...clients, bystander];
  const pairs: readonly (readonly [Machine, Machine])[] = [
    [relay, server],
    [dualStack, server],
    ...others.flatMap(
      (other) =>
        [
          [other, server],
          [other, relay],
          [other, dualStack],
        ] as const,
    ),
    [clients[0], clients[1]],
  ];
  const later: (() => void)[] = [];
  for (const [one, other] of pairs) {
    const ends = [one, other].map(({ host }, index) => ({
      namespace: host,
      interface: [other, one][index]!.host.label,
    }));
    connect(ends[0]!, ends[1]!, carriage);
    layRoutes(one, other, 4);
    layRoutes(other, one, 4);
    const layIpv6Routes = (): void => {
      layRoutes(one, other, 6);
      layRoutes(other, one, 6);
    };
    // Clients have IPv6 only through the tunnel.
    if (others.includes(one)) later.push(layIpv6Routes);
    else layIpv6Routes();
  }
  return {
    server: server.host,
    relay: relay.host,
    dualStack: dualStack.host,
    web: relay.host,
    webAddress: relayIpv6Address,
    hosts: [clients[0].host, clients[1].host, clients[2].host],
    bystander: bystander.host,
    addPlainIpv6() {
      for (const layIpv6Routes of later) layIpv6Routes();
      return [clients[0].ipv6[0]!, clients[1].ipv6[0]!];
    },
  };
}

/** The other machine's addresses are at the other end of the cable that is named after it. */
function layRoutes(from: Machine, { host, ipv4, ipv6 }: Machine, version: 4 | 6): void {
  const own = version === 4 ? from.ipv4[0] : from.ipv6[0];
  const addresses = version === 4 ? ipv4 : ipv6;
  if (own === undefined) return;
  // The kernel answers neighbour solicitations only for addresses of the cable's own interface.
  if (version === 6) from.host.ip(`addr add ${own}/128 dev ${host.label}`);
  from.host.ip(...addresses.map((address) => `route add ${address} dev ${host.label} src ${own}`));
}
