import type { Ipv4Value } from '../values.ts';
import { neverGlobalBlocks, neverHostBlocks, reservedBlocks, rfc4380Blocks } from './ipv4-blocks.ts';
import { type Ipv4Prefix, ipv4PrefixContains } from './ipv4-prefix.ts';

export interface Ipv4PolicyOptions {
  /** `rfc4380`: refuses the list of RFC 4380 section 5.2.4. `strict`: also refuses the ranges that RFC 6890 reserves. */
  readonly strictness: 'rfc4380' | 'strict';
  /** Ranges that count as global although reserved, for laboratories. */
  readonly extraGlobal?: readonly Ipv4Prefix[];
}

/**
 * Decides which IPv4 addresses are global unicast, and so may be embedded, answered and sent to (RFC 4380 section 5.2.4). One
 * policy checks every outgoing IPv4 destination, often once per packet, so it looks only at the ranges that share the first
 * octet. Bounded by the configured ranges and the host's own subnets.
 */
export class Ipv4Policy {
  readonly #refused: PrefixesByOctet;
  #extraGlobal: PrefixesByOctet;
  /** Refused also in `extraGlobal`. */
  #neverGlobal: PrefixesByOctet = byFirstOctet(neverGlobalBlocks);

  constructor(options: Ipv4PolicyOptions) {
    const refused = options.strictness === 'strict' ? [...rfc4380Blocks, ...reservedBlocks] : rfc4380Blocks;
    this.#refused = byFirstOctet(refused);
    this.#extraGlobal = byFirstOctet(options.extraGlobal ?? []);
  }

  isGlobalUnicast(value: Ipv4Value): boolean {
    const octet = value >>> 24;
    if (isInAny(this.#neverGlobal[octet]!, value)) return false;
    return !isInAny(this.#refused[octet]!, value) || isInAny(this.#extraGlobal[octet]!, value);
  }

  /**
   * Returns true if the address can be another host's, global or private: neither multicast, broadcast, loopback nor link-local,
   * nor reserved for the future.
   */
  isHostAddress(value: Ipv4Value): boolean {
    return !isInAny(this.#neverGlobal[value >>> 24]!, value) && !isInAny(neverHostBlocks, value);
  }

  /** Replaces the ranges that count as global although reserved. */
  replaceExtraGlobal(ranges: readonly Ipv4Prefix[]): void {
    this.#extraGlobal = byFirstOctet(ranges);
  }

  /**
   * Replaces the directed broadcast addresses of the subnets that this host is attached to. The policy refuses them in every
   * range. Call this again when interfaces change.
   */
  replaceDirectedBroadcasts(addresses: readonly Ipv4Value[]): void {
    this.#neverGlobal = byFirstOctet([...neverGlobalBlocks, ...addresses.map((address) => ({ address, length: 32 }))]);
  }
}

/** For each first octet of an address, the ranges in which such an address may lie. */
type PrefixesByOctet = readonly (readonly Ipv4Prefix[])[];

function byFirstOctet(prefixes: readonly Ipv4Prefix[]): PrefixesByOctet {
  return Array.from({ length: 256 }, (_, octet) =>
    prefixes.filter(({ address, length }) =>
      ipv4PrefixContains({ address, length: Math.min(length, 8) }, (octet << 24) >>> 0),
    ),
  );
}

function isInAny(prefixes: readonly Ipv4Prefix[], value: Ipv4Value): boolean {
  for (let index = 0; index < prefixes.length; index++) {
    if (ipv4PrefixContains(prefixes[index]!, value)) return true;
  }
  return false;
}
