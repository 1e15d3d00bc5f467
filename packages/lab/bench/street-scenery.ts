import type { Laboratory } from '../src/laboratory.ts';
import {
  dualStackAddress,
  dualStackIpv6Address,
  relayAddress,
  relayIpv6Address,
  serverAddress,
  serverSecondaryAddress,
  webIpv6Address,
} from '../src/network/address-plan.ts';
import { type Carriage, connect, createBridge, plugIn } from '../src/network/link.ts';
import type { Namespace } from '../src/network/namespace.ts';
import type { Scenery } from './scene.ts';
import { swarmServerAddress } from './swarm-addresses.ts';

/** Native IPv6 addresses of the first two hosts, for when there is no tunnel. */
const plainAddresses = ['2d00:0:0:1::41', '2d00:0:0:1::42'] as const;

/**
 * All machines on one switch, only the native IPv6 host behind the relay. Without router and NAT the processors
 * serve only the measured programs; real routers have processors of their own.
 */
export function streetScenery(laboratory: Laboratory, carriage: Carriage): Scenery {
  const hub = laboratory.machine('switch');
  createBridge(hub, 'hub', []);
  const machine = (label: string, ...addresses: readonly string[]): Namespace => {
    const host = laboratory.machine(label);
    plugIn({ namespace: host, interface: 'eth0' }, hub, 'hub', carriage);
    host.ip(...addresses.map((address) => `addr add ${address} dev eth0`));
    return host;
  };
  const relay = machine('relay', `${relayAddress}/24`, `${relayIpv6Address}/64`);
  const web = laboratory.machine('web');
  connect({ namespace: relay, interface: 'eth1' }, { namespace: web, interface: 'eth0' }, carriage);
  relay.ip('addr add 2d00:0:0:2::1/64 dev eth1');
  relay.setting('net/ipv6/conf/all/forwarding', '1');
  web.ip(`addr add ${webIpv6Address}/64 dev eth0`, 'route add ::/0 via 2d00:0:0:2::1');
  const server = machine('server', `${serverAddress}/24`, `${serverSecondaryAddress}/24`, '2d00:0:0:1::10/64');
  const dualStack = machine('dual-stack', `${dualStackAddress}/24`, `${dualStackIpv6Address}/64`);
  for (const host of [server, dualStack]) host.ip(`route add ::/0 via ${relayIpv6Address}`);
  const hosts = [
    machine('client-1', '198.51.100.41/24'),
    machine('client-2', '198.51.100.42/24'),
    machine('client-3', '198.51.100.43/24'),
  ] as const;
  return {
    server,
    relay,
    dualStack,
    web,
    webAddress: webIpv6Address,
    hosts,
    bystander: machine('bystander', '198.51.100.66/24', `${swarmServerAddress}/24`),
    addPlainIpv6() {
      for (const [index, address] of plainAddresses.entries()) {
        hosts[index]?.ip(`addr add ${address}/64 dev eth0`, `route add ::/0 via ${relayIpv6Address}`);
      }
      return plainAddresses;
    },
  };
}
