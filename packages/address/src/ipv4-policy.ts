import { neverGlobalBlocks, reservedBlocks, rfc4380Blocks } from './ipv4-blocks.ts';
import { type Ipv4Prefix, ipv4PrefixContains } from './ipv4-prefix.ts';
import type { Ipv4Value } from './values.ts';

export interface Ipv4PolicyOptions {
  /** `rfc4380`: the list of RFC 4380 5.2.4. `strict`: also what RFC 6890 and its successors reserve. */
  readonly strictness: 'rfc4380' | 'strict';
  /** Ranges that count as global although reserved, for laboratories. */
  readonly extraGlobal?: readonly Ipv4Prefix[];
}

/**
 * Decides which IPv4 addresses are global unicast and so may be embedded, answered and sent to (RFC 4380 5.2.4). Every
 * outgoing IPv4 destination is asked of one policy. Bounded by the configured ranges and the host's own subnets.
 */
export class Ipv4Policy {
  readonly #refused: readonly Ipv4Prefix[];
  readonly #extraGlobal: readonly Ipv4Prefix[];
  #directedBroadcasts: readonly Ipv4Value[] = [];

  constructor(options: Ipv4PolicyOptions) {
    this.#refused = options.strictness === 'strict' ? [...rfc4380Blocks, ...reservedBlocks] : rfc4380Blocks;
    this.#extraGlobal = options.extraGlobal ?? [];
  }

  isGlobalUnicast(value: Ipv4Value): boolean {
    if (isInAny(neverGlobalBlocks, value)) return false;
    for (let index = 0; index < this.#directedBroadcasts.length; index++) {
      if (this.#directedBroadcasts[index] === value) return false;
    }
    return !isInAny(this.#refused, value) || isInAny(this.#extraGlobal, value);
  }

  /**
   * Replaces the directed broadcast addresses of the subnets that this host is attached to; they are refused whatever
   * range they lie in. Call it again when interfaces change.
   */
  replaceDirectedBroadcasts(addresses: readonly Ipv4Value[]): void {
    this.#directedBroadcasts = [...addresses];
  }
}

function isInAny(prefixes: readonly Ipv4Prefix[], value: Ipv4Value): boolean {
  for (let index = 0; index < prefixes.length; index++) {
    if (ipv4PrefixContains(prefixes[index]!, value)) return true;
  }
  return false;
}
