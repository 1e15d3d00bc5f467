import { teredoServicePrefix } from './constants.ts';
import type { Ipv4Policy } from './ipv4-policy.ts';
import { classifyIpv6Words, type Ipv6Class } from './ipv6-class.ts';
import { type Ipv6Prefix, ipv6PrefixContainsWords } from './ipv6-prefix.ts';

export interface Ipv6PolicyOptions {
  /** Judges the IPv4 addresses inside 6to4 addresses. */
  readonly ipv4: Ipv4Policy;
  /** Ranges that count as global although reserved, for laboratories. */
  readonly extraGlobal?: readonly Ipv6Prefix[] | undefined;
  /** First word of Teredo addresses; default 2001:0000. */
  readonly servicePrefix?: number | undefined;
}

/**
 * Decides which IPv6 addresses the IPv6 Internet routes, and so may be put in touch with Teredo clients (SEC-37). A laboratory
 * adds ranges that nobody else routes; what never leaves a link or a host, and Teredo's own prefix, stay what they are.
 * Bounded by the configured ranges, which only the addresses outside the IPv6 Internet are compared with.
 */
export class Ipv6Policy {
  readonly #ipv4: Ipv4Policy;
  readonly #extraGlobal: readonly Ipv6Prefix[];
  readonly #servicePrefix: number;

  constructor({ ipv4, extraGlobal = [], servicePrefix = teredoServicePrefix }: Ipv6PolicyOptions) {
    this.#ipv4 = ipv4;
    this.#extraGlobal = extraGlobal;
    this.#servicePrefix = servicePrefix;
  }

  /** Classifies the address in four words, as `classifyIpv6Words` does, by this policy. */
  classify(word0: number, word1: number, word2: number, word3: number): Ipv6Class {
    const kind = classifyIpv6Words(word0, word1, word2, word3, this.#servicePrefix);
    switch (kind) {
      case '6to4': {
        const isRouted = this.#ipv4.isGlobalUnicast((((word0 & 0xffff) << 16) | (word1 >>> 16)) >>> 0);
        return isRouted || this.#isExtra(word0, word1, word2, word3) ? kind : 'reserved';
      }
      case 'documentation':
      case 'reserved':
      case 'unique-local':
      case 'other':
        return this.#isExtra(word0, word1, word2, word3) ? 'global' : kind;
      default:
        return kind;
    }
  }

  /** Whether the IPv6 Internet, or the laboratory, routes the address in four words without Teredo. */
  isGlobal(word0: number, word1: number, word2: number, word3: number): boolean {
    const kind = this.classify(word0, word1, word2, word3);
    return kind === 'global' || kind === '6to4';
  }

  #isExtra(word0: number, word1: number, word2: number, word3: number): boolean {
    for (let index = 0; index < this.#extraGlobal.length; index++) {
      if (ipv6PrefixContainsWords(this.#extraGlobal[index]!, word0, word1, word2, word3)) return true;
    }
    return false;
  }
}
