import type { Ipv6Policy, Ipv6Value } from '@navalis/address';
import type { HostAddresses, HostIpv6Address } from './host-addresses.ts';
import { anyInterface } from './ipv6-exits.ts';

/** An address, and the interface of the default route that it is used with. */
export interface Ipv6Connectivity {
  readonly address: Ipv6Value;
  /** Undefined where the table of routes is too long to tell. */
  readonly exit: string | undefined;
}

/**
 * With what this host speaks on the IPv6 Internet without Teredo; undefined when it has no such connectivity (RFC
 * 4380 5.5). Connectivity is a default route out of an interface, and an address that the kernel would use with it:
 *
 * - a global one of that interface, or of the loopback interface, where routers have theirs;
 * - a unique local one of that interface. The kernel sends that way whatever Teredo offers, as the route of Teredo is the last
 *   (CL-U-03), and the network translates (RFC 6296). A router without an uplink announces no default route (RFC 7084 L-4).
 *
 * An address alone proves nothing: it may belong to a VPN with one prefix, to a link without a router, or to nobody.
 */
export function ipv6ConnectivityOf(host: HostAddresses, policy: Ipv6Policy): Ipv6Connectivity | undefined {
  for (const exit of host.ipv6Exits) {
    const usable = host.ipv6.filter((entry) => isUsable(entry, exit, policy));
    const [best] = usable.toSorted((left, right) => rank(left, policy) - rank(right, policy));
    if (best !== undefined) return { address: best.address, exit: exit === anyInterface ? undefined : exit };
  }
  return undefined;
}

function isUsable(entry: HostIpv6Address, exit: string, policy: Ipv6Policy): boolean {
  if (entry.isTentative || entry.isDeprecated) return false;
  const isOwn = entry.interfaceName === exit || exit === anyInterface;
  const kind = kindOf(entry, policy);
  if (kind === 'global' || kind === '6to4') return isOwn || entry.interfaceName === 'lo';
  return kind === 'unique-local' && isOwn;
}

/** Global before unique local, stable before temporary. */
function rank(entry: HostIpv6Address, policy: Ipv6Policy): number {
  return (kindOf(entry, policy) === 'unique-local' ? 2 : 0) + (entry.isTemporary ? 1 : 0);
}

function kindOf({ address }: HostIpv6Address, policy: Ipv6Policy): string {
  return policy.classify(address);
}
