import type { Laboratory } from '../src/laboratory.ts';
import { relayIpv6Address, webIpv6Address } from '../src/network/address-plan.ts';
import { Internet } from '../src/network/internet.ts';
import type { Carriage } from '../src/network/link.ts';
import type { Namespace } from '../src/network/namespace.ts';
import type { Scenery } from './scene.ts';
import { swarmServerAddress } from './swarm-addresses.ts';

/**
 * The laboratory's Internet: a client's packets pass its NAT and the router. All of these run on the same processors as the
 * measured programs.
 */
export function internetScenery(laboratory: Laboratory, carriage: Carriage): Scenery {
  const internet = new Internet(laboratory, carriage);
  const relay = internet.relayHost();
  const bystander = internet.bystander();
  bystander.ip(`addr add ${swarmServerAddress}/24 dev eth0`);
  const homes = [internet.home(), internet.home()] as const;
  return {
    server: internet.serverHost(),
    relay,
    dualStack: internet.dualStackHost(),
    web: internet.webHost(),
    webAddress: webIpv6Address,
    hosts: [homes[0].host, homes[1].host, internet.home().host],
    bystander,
    addPlainIpv6() {
      relay.setting('net/ipv6/conf/all/forwarding', '1');
      internet.core.ip('addr add 2d00:0:0:3::1/64 dev access');
      return [addHome(internet.core, homes[0], 10), addHome(internet.core, homes[1], 11)];
    },
  };
}

/** Gives a home an IPv6 network of its own, routed through the relay's machine. Returns the host's address. */
function addHome(core: Namespace, { host, router }: { host: Namespace; router: Namespace }, number: number): string {
  const network = `2d00:0:0:${number}`;
  const routerAddress = `2d00:0:0:3::${number}`;
  router.setting('net/ipv6/conf/all/forwarding', '1');
  router.ip(
    `addr add ${routerAddress}/64 dev wan`,
    `addr add ${network}::1/64 dev lan`,
    'route add ::/0 via 2d00:0:0:3::1',
  );
  // The firewall of the NAT drops unsolicited packets; here hosts outside start connections, too.
  for (const chain of ['forward', 'input']) {
    router.run('nft', [`add rule inet filter ${chain} meta nfproto ipv6 accept`]);
  }
  host.ip(`addr add ${network}::100/64 dev eth0`, `route add ::/0 via ${network}::1`);
  core.ip(
    `route add ${network}::/64 via ${routerAddress}`,
    // Packets between the home and the IPv6-only network pass the relay's machine, as they do through the tunnel.
    `route replace ::/0 via ${relayIpv6Address} table 100`,
  );
  core.run('ip', ['-6', 'rule', 'add', 'iif', 'six', 'to', `${network}::/64`, 'lookup', '100']);
  core.run('ip', [
    '-6',
    'rule',
    'add',
    'iif',
    'access',
    'from',
    `${network}::/64`,
    'to',
    '2d00:0:0:2::/64',
    'lookup',
    '100',
  ]);
  return `${network}::100`;
}
