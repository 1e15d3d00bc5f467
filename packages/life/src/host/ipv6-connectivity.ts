import type { Ipv6Policy, Ipv6Value } from '@navalis/address';
import type { HostAddresses, HostIpv6Address } from './host-addresses.ts';

/** Stands for an interface when the routing table is too long to read: one of its routes surely is a default route. */
export const anyInterface = '*';

/** An address, and the interface of the default route that it is used with. */
export interface Ipv6Connectivity {
  readonly address: Ipv6Value;
  /** Undefined when the routing table is too long to tell. */
  readonly exit: string | undefined;
}

/**
 * Returns the address that this host uses on the IPv6 Internet without Teredo; undefined when it has no such connectivity
 * (RFC 4380 section 5.5). Connectivity is a default route through an interface, and an address that the kernel uses with it:
 *
 * - a global one of that interface, or of the loopback interface, where routers have theirs;
 * - a unique local one of that interface. The kernel prefers that route to Teredo's, which is the last [CL-U-03], and the
 *   network translates (RFC 6296). A router without an uplink announces no default route (RFC 7084 L-4).
 *
 * An address alone proves nothing: it may belong to a VPN with one prefix, to a link without a router, or to nobody.
 */
export function ipv6ConnectivityOf(host: HostAddresses, policy: Ipv6Policy): Ipv6Connectivity | undefined {
  for (const exit of host.ipv6Exits) {
    const usable = host.ipv6.filter((entry) => isUsable(entry, exit, policy));
    // Global before unique local, stable before temporary.
    const [best] = usable
      .toSorted((left, right) => Number(left.isTemporary) - Number(right.isTemporary))
      .toSorted((left, right) => Number(isUniqueLocal(left, policy)) - Number(isUniqueLocal(right, policy)));
    if (best !== undefined) return { address: best.address, exit: exit === anyInterface ? undefined : exit };
  }
  return undefined;
}

function isUsable(entry: HostIpv6Address, exit: string, policy: Ipv6Policy): boolean {
  if (entry.isTentative || entry.isDeprecated) return false;
  const isOwn = entry.interfaceName === exit || exit === anyInterface;
  const kind = policy.classify(entry.address);
  if (kind === 'global' || kind === '6to4') return isOwn || entry.interfaceName === 'lo';
  return isOwn && isUniqueLocal(entry, policy);
}

function isUniqueLocal({ address }: HostIpv6Address, policy: Ipv6Policy): boolean {
  return policy.classify(address) === 'unique-local';
}
