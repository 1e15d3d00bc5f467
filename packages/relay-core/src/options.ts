import type { Ipv4Policy, Ipv4Value, Ipv6Prefix, Ipv6Value } from '@navalis/address';
import type { Extensions } from '@navalis/traversal';

/** The addresses of a relay's node, which may change at run time. */
export type RelayAddresses = Pick<RelayOptions, 'localAddress' | 'servedRanges' | 'ownIpv4Addresses'>;

/** The options that may change at run time, besides addresses. */
export type RelayChanges = Partial<Pick<RelayOptions, 'extraGlobalIpv6' | 'newClientsPerSecond' | 'rateLimit'>>;

export interface RelayOptions {
  /**
   * `relay`: a router between the IPv6 Internet and Teredo clients. `host`: the host-specific relay, which serves the
   * addresses of its own host only, and whose bubbles carry the source of the packet that caused them (HR-03).
   */
  readonly kind: 'relay' | 'host';
  /** A native global address routed to this node: the source of a relay's bubbles and errors (RL-A-11). */
  readonly localAddress: Ipv6Value;
  /** Native addresses that are served: destinations from clients, sources towards clients (RL-A-09). */
  readonly servedRanges: readonly Ipv6Prefix[];
  /** The node's own IPv4 addresses: packets that would come back to them are loops (SEC-08). */
  readonly ownIpv4Addresses: readonly Ipv4Value[];
  /** The UDP port that the relay has on them; default 3544. */
  readonly servicePort?: number;
  readonly policy: Ipv4Policy;
  /** IPv6 ranges to treat as global although reserved. */
  readonly extraGlobalIpv6?: readonly Ipv6Prefix[];
  /** First 32 bits of the service prefix; default 2001:0000. */
  readonly servicePrefix?: number;
  /** The extensions of RFC 6081 that the relay uses; symmetric NAT support by default. The others are for clients (RL-T-20). */
  readonly extensions?: Pick<Extensions, 'symmetricNatSupport'>;
  /**
   * True: a client whose address has the cone bit gets data at once, without bubbles (RFC 4380 section 5.4.1, case 2).
   * Anybody can set that bit in an address, so that the default is to ignore it (RFC 5991 section 3.2).
   */
  readonly trustsConeBit?: boolean;
  /**
   * `unless-public`: while one of the own IPv4 addresses is global, the first burst goes through the client's server alone.
   * RFC 4380 section 5.4.1 asks for the direct bubble behind a NAT only, and it spoils the client's answer where the client's
   * NAT accepts unsolicited input as its own (RL-T-23). Default `always`.
   */
  readonly directBubbles?: 'always' | 'unless-public';
  /** Clients that are known at once, 65,536 by default; the least recently heard are evicted first (RL-T-19). */
  readonly maximumClients?: number;
  /** Clients that packets from the native side may add, 100 by default, and twice as many at once (RL-T-19). */
  readonly newClientsPerSecond?: number;
  /** False lifts the limit on new clients, for benchmarks. */
  readonly rateLimit: boolean;
}
