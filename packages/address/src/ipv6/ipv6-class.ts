import { teredoServicePrefix } from '../constants.ts';
import type { Ipv6Value } from '../values.ts';

/** The kind of an address, as far as Teredo nodes distinguish. `other`: outside 2000::/3, and without a name here. */
export type Ipv6Class =
  | 'unspecified'
  | 'loopback'
  | 'ipv4-mapped'
  | 'ipv4-compatible'
  | 'nat64'
  | 'multicast'
  | 'link-local'
  | 'unique-local'
  | 'teredo'
  | '6to4'
  | 'documentation'
  /** Inside 2000::/3 but not routed: benchmarking and cryptographic hash identifiers. */
  | 'reserved'
  | 'global'
  | 'other';

/** Classifies an address; `servicePrefix` is the first word of Teredo addresses. */
export function classifyIpv6(
  { word0, word1, word2, word3 }: Ipv6Value,
  servicePrefix: number = teredoServicePrefix,
): Ipv6Class {
  if (word0 === servicePrefix) return 'teredo';
  if (word0 === 0 && word1 === 0) return classifyLowest64(word2, word3);
  // RFC 6052 well-known prefix 64:ff9b::/96 and RFC 8215 local-use prefix 64:ff9b:1::/48.
  if (word0 === 0x0064ff9b && ((word1 === 0 && word2 === 0) || word1 >>> 16 === 1)) return 'nat64';
  if (word0 >>> 24 === 0xff) return 'multicast';
  if (word0 >>> 22 === 0x3fa) return 'link-local';
  if (word0 >>> 25 === 0x7e) return 'unique-local';
  if (word0 >>> 16 === 0x2002) return '6to4';
  // RFC 3849 2001:db8::/32 and RFC 9637 3fff::/20.
  if (word0 === 0x20010db8 || word0 >>> 12 === 0x3fff0) return 'documentation';
  // RFC 5180 2001:2::/48; RFC 4843 2001:10::/28 and RFC 7343 2001:20::/28.
  if (word0 === 0x20010002 && word1 >>> 16 === 0) return 'reserved';
  if (word0 >>> 4 === 0x2001001 || word0 >>> 4 === 0x2001002) return 'reserved';
  return word0 >>> 29 === 1 ? 'global' : 'other';
}

function classifyLowest64(word2: number, word3: number): Ipv6Class {
  if (word2 === 0xffff) return 'ipv4-mapped';
  if (word2 !== 0) return 'other';
  if (word3 === 0) return 'unspecified';
  return word3 === 1 ? 'loopback' : 'ipv4-compatible';
}
