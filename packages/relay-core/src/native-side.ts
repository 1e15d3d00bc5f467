import { classifyIpv6Words, type Ipv4Value, type Ipv6Prefix, ipv6PrefixContainsWords } from '@navalis/address';
import type { RelayAddresses } from './options.ts';

/** Which native addresses a relay serves, and which of them would lead back into one of its own tunnels. */
export class NativeSide {
  readonly #servicePrefix: number;
  #ownIpv4Addresses: readonly Ipv4Value[];
  #servedRanges: readonly Ipv6Prefix[];

  constructor(servedRanges: readonly Ipv6Prefix[], ownIpv4Addresses: readonly Ipv4Value[], servicePrefix: number) {
    this.#servedRanges = servedRanges;
    this.#ownIpv4Addresses = ownIpv4Addresses;
    this.#servicePrefix = servicePrefix;
  }

  replaceAddresses({ servedRanges, ownIpv4Addresses }: Partial<RelayAddresses>): void {
    this.#servedRanges = servedRanges ?? this.#servedRanges;
    this.#ownIpv4Addresses = ownIpv4Addresses ?? this.#ownIpv4Addresses;
  }

  /** Inside a served range, and of a kind that is routed on the IPv6 Internet at all (RL-R-07, SEC-37). */
  serves(word0: number, word1: number, word2: number, word3: number): boolean {
    const kind = classifyIpv6Words(word0, word1, word2, word3, this.#servicePrefix);
    if (kind !== 'global' && kind !== '6to4') return false;
    for (const range of this.#servedRanges) {
      if (ipv6PrefixContainsWords(range, word0, word1, word2, word3)) return true;
    }
    return false;
  }

  /** A 6to4 or ISATAP address that embeds an IPv4 address of this node (SEC-08, after RFC 6324). */
  isLoop(word0: number, word1: number, word2: number, word3: number): boolean {
    if (word0 >>> 16 === 0x2002) return this.isOwn((((word0 & 0xffff) << 16) | (word1 >>> 16)) >>> 0);
    return (word2 === 0x00005efe || word2 === 0x02005efe) && this.isOwn(word3);
  }

  isOwn(address: Ipv4Value): boolean {
    return this.#ownIpv4Addresses.includes(address);
  }
}
