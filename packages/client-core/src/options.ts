import type { Ipv4Policy, Ipv6Prefix } from '@navalis/address';
import { formatIpv4 } from '@navalis/address';
import { type EngineErrorCode, NavalisError, type PortId } from '@navalis/engine';
import type { QualificationOptions } from '@navalis/qualification';
import { allExtensions, type Extensions, missingExtension } from '@navalis/traversal';
import type { LocalLink } from './local-link/local-discovery.ts';

export interface ClientOptions extends Omit<QualificationOptions, 'witness' | 'acceptsSymmetricNat'>, Capacity {
  /** The extensions of RFC 6081 that the client uses; all by default (XC-10). */
  readonly extensions?: Extensions;
  /** IPv6 ranges to treat as global although reserved. */
  readonly extraGlobalIpv6?: readonly Ipv6Prefix[];
  /** Looks for other clients on this link by multicast; not by default (CL-L-01). */
  readonly localDiscovery?: LocalLink | undefined;
  /** The open port that hears the multicast group of the link; undefined: there is none. */
  readonly discoveryPortId?: PortId | undefined;
  /**
   * Whether the refresh interval is determined (RFC 4380 5.2.7), from `refreshIntervalMs` up, over a second port that the
   * client opens for it. Not by default (CL-D-01).
   */
  readonly determinesRefreshInterval?: boolean;
  /**
   * Whether another host relays the service port (TU-15); not by default. `upgradable`: peers may be reached without it, which shows
   * them the address of this host's NAT.
   */
  readonly relayed?: 'upgradable' | 'always';
}

/** Memory for both is reserved at construction. */
interface Capacity {
  /** Peers at most; 1024 by default. */
  readonly peerCapacity?: number;
  /** Packets of the host that wait for all peers together, at most; 1024 by default. */
  readonly queueCapacity?: number;
}

/** Returns the extensions that are on. */
export function extensionsOf({ extensions }: Pick<ClientOptions, 'extensions'>): Extensions {
  return extensions ?? allExtensions;
}

/** Checks the options. @throws NavalisError with code `configuration`. */
export function checkOptions(options: ClientOptions): void {
  if (options.servers.length === 0)
    throw new NavalisError<EngineErrorCode>('configuration', 'A client needs at least one server.');
  const missing = missingExtension(extensionsOf(options));
  if (missing !== undefined) {
    throw new NavalisError<EngineErrorCode>(
      'configuration',
      `The extension ${missing.extension} needs ${missing.needs}.`,
    );
  }
  for (const { primary, secondary } of options.servers) {
    requireGlobal('primary', primary, options.policy);
    requireGlobal('secondary', secondary, options.policy);
    if (primary === secondary) {
      throw new NavalisError<EngineErrorCode>(
        'configuration',
        `The server's primary and secondary address are both ${formatIpv4(primary)}; they must differ.`,
      );
    }
  }
}

function requireGlobal(which: string, address: number, policy: Ipv4Policy): void {
  if (policy.isGlobalUnicast(address)) return;
  throw new NavalisError<EngineErrorCode>(
    'configuration',
    `The server's ${which} address ${formatIpv4(address)} is not a global unicast IPv4 address.`,
  );
}
