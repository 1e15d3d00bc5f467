import { formatIpv6, type Ipv6Value } from '@navalis/address';
import type { IpCommand } from './ip-command.ts';

/** RFC 4380 5.1.2. */
const defaultMtu = 1280;

/**
 * The link-local address of a client's interface. The same for every client: nobody hears it (RFC 4380 7.1, CL-U-06).
 */
const clientLinkLocal = 'fe80::ffff:ffff:ffff/64';

/** Our choice: above what the kernel (1024) and network managers (up to about 20,000) give to other default routes. */
const defaultRouteMetric = '1000000';

/** Brings a client's interface up with its address, the route to other clients and the last of all default routes. */
export function clientUpPlan(interfaceName: string, address: Ipv6Value, mtu: number): readonly IpCommand[] {
  return [
    ...linkUp(interfaceName, mtu),
    ['address', 'add', clientLinkLocal, 'dev', interfaceName, 'scope', 'link', 'nodad'],
    // The length makes the route to 2001::/32, so that other clients are reached without the default route.
    ['address', 'add', `${formatIpv6(address)}/32`, 'dev', interfaceName, 'nodad'],
    ['route', 'add', 'default', 'dev', interfaceName, 'metric', defaultRouteMetric],
  ];
}

/** Takes addresses away and the interface down, which takes its routes away too. */
export function clientDownPlan(interfaceName: string): readonly IpCommand[] {
  return [
    ['address', 'flush', 'dev', interfaceName],
    ['link', 'set', 'dev', interfaceName, 'down'],
  ];
}

/** Brings a relay's interface up and sends the service prefix into it; the interface has no address (RFC 4380 8.2). */
export function relayUpPlan(interfaceName: string, servicePrefix: number): readonly IpCommand[] {
  const prefix = formatIpv6({ word0: servicePrefix, word1: 0, word2: 0, word3: 0 });
  return [
    ...linkUp(interfaceName, defaultMtu),
    ['route', 'add', `${prefix}/32`, 'dev', interfaceName, 'mtu', String(defaultMtu)],
  ];
}

function linkUp(interfaceName: string, mtu: number): readonly IpCommand[] {
  return [
    // Without an address of the kernel's making there is no router solicitation of its making either. By itself, because
    // the kernel brings a link up before it looks at this.
    ['link', 'set', 'dev', interfaceName, 'addrgenmode', 'none'],
    ['link', 'set', 'dev', interfaceName, 'mtu', String(mtu), 'up'],
  ];
}
