import { Ipv4Policy, type Ipv4Prefix, type Ipv4Value, Ipv6Policy, type Ipv6Value } from '@navalis/address';

export interface HostIpv4Address {
  readonly address: Ipv4Value;
  /** The prefix length of its subnet, 0 to 32. */
  readonly prefixLength: number;
  readonly interfaceName: string;
}

export interface HostIpv6Address {
  readonly address: Ipv6Value;
  readonly interfaceName: string;
  /** Duplicate address detection has not finished, or has failed. */
  readonly isTentative: boolean;
  readonly isDeprecated: boolean;
  /** One of the short-lived addresses of RFC 8981. */
  readonly isTemporary: boolean;
}

/** The addresses and default routes of this host at one moment. */
export interface HostAddresses {
  readonly ipv4: readonly HostIpv4Address[];
  readonly ipv6: readonly HostIpv6Address[];
  /** IPv4 default routes, each as interface and gateway in the kernel's notation. Another one leads through another NAT. */
  readonly ipv4Gateways: readonly string[];
  /** Interfaces of IPv6 default routes, of all tables. */
  readonly ipv6Exits: readonly string[];
}

const ipv6Internet = new Ipv6Policy({ ipv4: new Ipv4Policy({ strictness: 'strict' }) });

/**
 * Returns the addresses that make this host a node of the IPv6 Internet without Teredo, best first: stable before temporary
 * ones. Empty when all of them are tentative or deprecated.
 */
export function globalIpv6Addresses(host: HostAddresses, policy: Ipv6Policy = ipv6Internet): readonly Ipv6Value[] {
  const candidates = host.ipv6.filter(({ isTentative, address }) => !isTentative && policy.isGlobal(address));
  if (candidates.every((entry) => entry.isDeprecated)) return [];
  return candidates
    .toSorted((left, right) => Number(left.isTemporary) - Number(right.isTemporary))
    .toSorted((left, right) => Number(left.isDeprecated) - Number(right.isDeprecated))
    .map((entry) => entry.address);
}

export function ipv4Addresses(host: HostAddresses): readonly Ipv4Value[] {
  return host.ipv4.map((entry) => entry.address);
}

/** Returns the broadcast address of each subnet of this host. */
export function directedBroadcasts(host: HostAddresses): readonly Ipv4Value[] {
  // Subnets of /31 and /32 have no broadcast address (RFC 3021).
  return host.ipv4
    .filter(({ prefixLength }) => prefixLength <= 30)
    .map(({ address, prefixLength }) => (address | (0xffffffff >>> prefixLength)) >>> 0);
}

/** Returns the subnet of an interface; undefined while it has no address. */
export function subnetOf(host: HostAddresses, interfaceName: string): Ipv4Prefix | undefined {
  const entry = host.ipv4.find((each) => each.interfaceName === interfaceName);
  return entry && { address: entry.address, length: entry.prefixLength };
}

/** Returns the host without the addresses and default routes of one interface. */
export function withoutInterface(host: HostAddresses, name: string | undefined): HostAddresses {
  return {
    ...host,
    ipv4: host.ipv4.filter((entry) => entry.interfaceName !== name),
    ipv6: host.ipv6.filter((entry) => entry.interfaceName !== name),
    ipv6Exits: host.ipv6Exits.filter((exit) => exit !== name),
  };
}
