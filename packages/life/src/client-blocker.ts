import { formatIpv4, formatIpv6, type Ipv4Policy, type Ipv4Value, type Ipv6Policy } from '@navalis/address';
import type { Blocker } from './client-life.ts';
import { type HostAddresses, withoutInterface } from './host/host-addresses.ts';
import { type Ipv6Connectivity, ipv6ConnectivityOf } from './host/ipv6-connectivity.ts';

/** The settings of a client that decide whether it may run. */
export interface BlockerSettings {
  readonly isEnabled: boolean;
  readonly managedNetwork: 'stay-off' | 'ignore';
  readonly nativeIpv6: 'step-back' | 'ignore';
  /** The client's own interface, which proves nothing about native IPv6. */
  readonly interfaceName: string;
}

/** The address policies of the same client. */
export interface BlockerPolicies {
  readonly ipv4: Ipv4Policy;
  readonly ipv6: Ipv6Policy;
}

/** Questions to the machine beyond its addresses. */
export interface BlockerProbes {
  /** Returns the file that shows that this host is centrally managed, if any [R5-12]. */
  readonly signOfManagement: () => string | undefined;
  /**
   * Returns whether a host with this global IPv4 address has something better than Teredo. RFC 4380 section 5.5 means 6to4,
   * whose relays RFC 7526 took out of service, so the programs say no. Another policy goes here [CL-U-02].
   */
  readonly preferOther: (local: Ipv4Value) => boolean;
}

/** Returns why a client on this host must not run now, the weightiest reason first; undefined when it may. */
export function clientBlocker(
  settings: BlockerSettings,
  policies: BlockerPolicies,
  host: HostAddresses,
  probes: BlockerProbes,
): Blocker | undefined {
  if (!settings.isEnabled) return { reason: 'switched-off', evidence: undefined };
  if (settings.managedNetwork === 'stay-off') {
    const evidence = probes.signOfManagement();
    if (evidence !== undefined) return { reason: 'managed-network', evidence };
  }
  if (settings.nativeIpv6 === 'step-back') {
    const native = ipv6ConnectivityOf(withoutInterface(host, settings.interfaceName), policies.ipv6);
    if (native !== undefined) return { reason: 'native-ipv6', evidence: describeConnectivity(native) };
  }
  const global = host.ipv4.find(({ address }) => policies.ipv4.isGlobalUnicast(address) && probes.preferOther(address));
  return global && { reason: 'other-preferred', evidence: formatIpv4(global.address) };
}

function describeConnectivity({ address, exit }: Ipv6Connectivity): string {
  const text = formatIpv6(address);
  return exit === undefined ? text : `${text}, default route through ${exit}`;
}
