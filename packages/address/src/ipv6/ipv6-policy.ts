import { teredoServicePrefix } from '../constants.ts';
import type { Ipv4Policy } from '../ipv4/ipv4-policy.ts';
import type { Ipv6Value } from '../values.ts';
import { classifyIpv6, type Ipv6Class } from './ipv6-class.ts';
import { sixToFourIpv4 } from './ipv6-embedded.ts';
import { type Ipv6Prefix, ipv6PrefixContains } from './ipv6-prefix.ts';

const none: readonly Ipv6Prefix[] = [];

export interface Ipv6PolicyOptions {
  /** Decides on the IPv4 addresses inside 6to4 addresses. */
  readonly ipv4: Ipv4Policy;
  /** Ranges that count as global although reserved, for laboratories. */
  readonly extraGlobal?: readonly Ipv6Prefix[] | undefined;
  /** First word of Teredo addresses; default 2001:0000. */
  readonly servicePrefix?: number | undefined;
}

/**
 * Decides which IPv6 addresses the IPv6 Internet routes, and so may exchange packets with Teredo clients. A laboratory adds
 * reserved ranges; addresses that never leave a link or a host, and Teredo's own prefix, keep their class. Bounded by the
 * configured ranges, which are compared only with addresses outside the IPv6 Internet. [SEC-37]
 */
export class Ipv6Policy {
  readonly #ipv4: Ipv4Policy;
  #extraGlobal: readonly Ipv6Prefix[];
  readonly #servicePrefix: number;

  constructor({ ipv4, extraGlobal = none, servicePrefix = teredoServicePrefix }: Ipv6PolicyOptions) {
    this.#ipv4 = ipv4;
    this.#extraGlobal = extraGlobal;
    this.#servicePrefix = servicePrefix;
  }

  /** Replaces the ranges that count as global although reserved. */
  replaceExtraGlobal(ranges: readonly Ipv6Prefix[]): void {
    this.#extraGlobal = ranges;
  }

  /** Classifies an address as `classifyIpv6` does, with the configured ranges as `global`. */
  classify(address: Ipv6Value): Ipv6Class {
    const kind = classifyIpv6(address, this.#servicePrefix);
    switch (kind) {
      case '6to4': {
        const isRouted = this.#ipv4.isGlobalUnicast(sixToFourIpv4(address)!);
        return isRouted || this.#isExtra(address) ? kind : 'reserved';
      }
      case 'documentation':
      case 'reserved':
      case 'unique-local':
      case 'other':
        return this.#isExtra(address) ? 'global' : kind;
      default:
        return kind;
    }
  }

  /** Returns whether the IPv6 Internet, or the laboratory, routes the address without Teredo. */
  isGlobal(address: Ipv6Value): boolean {
    const kind = this.classify(address);
    return kind === 'global' || kind === '6to4';
  }

  #isExtra(address: Ipv6Value): boolean {
    for (let index = 0; index < this.#extraGlobal.length; index++) {
      if (ipv6PrefixContains(this.#extraGlobal[index]!, address)) return true;
    }
    return false;
  }
}
