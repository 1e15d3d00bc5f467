import {
  type Ipv4Value,
  Ipv6Policy,
  type Ipv6Prefix,
  type Ipv6Value,
  ipv6PrefixContains,
  isatapIpv4,
  sixToFourIpv4,
  teredoPort,
} from '@navalis/address';
import type { RelayAddresses, RelayOptions } from './options.ts';

/** Decides which native addresses a relay serves, and which of them would lead back into one of its own tunnels. */
export class NativeSide {
  readonly #policy: Ipv6Policy;
  readonly #servicePort: number;
  #ownIpv4Addresses: readonly Ipv4Value[];
  #servedRanges: readonly Ipv6Prefix[];

  constructor(options: RelayOptions, servicePrefix: number) {
    this.#servedRanges = options.servedRanges;
    this.#ownIpv4Addresses = options.ownIpv4Addresses;
    this.#servicePort = options.servicePort ?? teredoPort;
    this.#policy = new Ipv6Policy({ ipv4: options.policy, extraGlobal: options.extraGlobalIpv6, servicePrefix });
  }

  replaceAddresses({ servedRanges, ownIpv4Addresses }: Partial<RelayAddresses>): void {
    this.#servedRanges = servedRanges ?? this.#servedRanges;
    this.#ownIpv4Addresses = ownIpv4Addresses ?? this.#ownIpv4Addresses;
  }

  replaceExtraGlobal(ranges: readonly Ipv6Prefix[]): void {
    this.#policy.replaceExtraGlobal(ranges);
  }

  /** Inside a served range, and of a kind that is routed on the IPv6 Internet at all (RL-R-07, SEC-37). */
  serves(address: Ipv6Value): boolean {
    if (!this.#policy.isGlobal(address)) return false;
    for (const range of this.#servedRanges) {
      if (ipv6PrefixContains(range, address)) return true;
    }
    return false;
  }

  /** A 6to4 or ISATAP address that embeds an IPv4 address of this node (SEC-08, after RFC 6324). */
  isLoop(address: Ipv6Value): boolean {
    const embedded = sixToFourIpv4(address) ?? isatapIpv4(address);
    return embedded !== undefined && this.#isOwn(embedded);
  }

  /**
   * An endpoint of this node that only a server or relay would have: the relay's own, and port 3544. Clients on this node, and
   * programs that lend others an endpoint of it, have other ports (DD-38).
   */
  isOwnEndpoint(address: Ipv4Value, port: number): boolean {
    return (port === teredoPort || port === this.#servicePort) && this.#isOwn(address);
  }

  #isOwn(address: Ipv4Value): boolean {
    return this.#ownIpv4Addresses.includes(address);
  }
}
