import type { Laboratory } from '../src/laboratory.ts';
import {
  dualStackAddress,
  dualStackIpv6Address,
  relayAddress,
  relayIpv6Address,
  serverAddress,
  serverSecondaryAddress,
} from '../src/network/address-plan.ts';
import type { Carriage } from '../src/network/link.ts';
import { layCable, layIpv6Routes, type Machine, machineWith } from './cables.ts';
import type { Scenery } from './scene.ts';
import { swarmServerAddress } from './swarm-addresses.ts';

/**
 * Each two machines that exchange packets have a cable of their own, and the relay's machine is also the native host: a packet
 * crosses one cable and nothing else. The path between tunnel ends costs as little as possible, with and without a tunnel.
 */
export function cableScenery(laboratory: Laboratory, carriage: Carriage): Scenery {
  const machine = (label: string, ipv4: readonly string[], ipv6: readonly string[] = []): Machine =>
    machineWith(laboratory, label, ipv4, ipv6);
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
    layCable(one, other, carriage);
    // Clients have IPv6 only through the tunnel.
    if (others.includes(one)) later.push(() => layIpv6Routes(one, other));
    else layIpv6Routes(one, other);
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
      for (const layRoutes of later) layRoutes();
      return [clients[0].ipv6[0]!, clients[1].ipv6[0]!];
    },
  };
}
