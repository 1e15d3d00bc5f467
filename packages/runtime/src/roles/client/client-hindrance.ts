import { formatIpv4, formatIpv6, type Ipv4Value } from '@navalis/address';
import { type ClientConfiguration, ipv4PolicyOf, ipv6PolicyOf } from '@navalis/config';
import type { HostAddresses } from '../../host/addresses/host-addresses.ts';
import { type Ipv6Connectivity, ipv6ConnectivityOf } from '../../host/addresses/ipv6-connectivity.ts';
import type { Hindrance } from './client-life.ts';

/** What is asked of the machine besides its addresses. */
export interface HindranceProbes {
  /** What shows that this host is centrally managed (R5-12). */
  readonly signOfManagement: () => string | undefined;
  /**
   * Whether a host with this global IPv4 address has something better than Teredo. RFC 4380 5.5 means 6to4, whose relays
   * RFC 7526 took out of service; so the programs say no, and this is the place for another policy (CL-U-02).
   */
  readonly preferOther: (local: Ipv4Value) => boolean;
}

/** Why a client on this host must not run now, the weightiest reason first. */
export function clientHindrance(
  configuration: ClientConfiguration,
  host: HostAddresses,
  probes: HindranceProbes,
): Hindrance | undefined {
  if (!configuration.isEnabled) return { reason: 'switched-off', evidence: undefined };
  if (configuration.managedNetwork === 'stay-off') {
    const evidence = probes.signOfManagement();
    if (evidence !== undefined) return { reason: 'managed-network', evidence };
  }
  if (configuration.nativeIpv6 === 'step-back') {
    const others = withoutInterface(host, configuration.interfaceName);
    const native = ipv6ConnectivityOf(others, ipv6PolicyOf(configuration));
    if (native !== undefined) return { reason: 'native-ipv6', evidence: describeConnectivity(native) };
  }
  const policy = ipv4PolicyOf(configuration);
  const global = host.ipv4.find(({ address }) => policy.isGlobalUnicast(address) && probes.preferOther(address));
  return global && { reason: 'other-preferred', evidence: formatIpv4(global.address) };
}

function describeConnectivity({ address, exit }: Ipv6Connectivity): string {
  const text = formatIpv6(address);
  return exit === undefined ? text : `${text}, default route through ${exit}`;
}

function withoutInterface(host: HostAddresses, name: string): HostAddresses {
  return {
    ...host,
    ipv6: host.ipv6.filter((entry) => entry.interfaceName !== name),
    ipv6Exits: host.ipv6Exits.filter((exit) => exit !== name),
  };
}
