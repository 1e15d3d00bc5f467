import type { Ipv6Value } from './values.ts';

/** UDP port of servers and, by default, relays (RFC 4380 2.7). */
export const teredoPort = 3544;

/** First word of 2001:0000::/32 (RFC 4380 2.6). Any other prefix, the historic 3ffe:831f::/32 included, must be given. */
export const teredoServicePrefix = 0x20010000;

/** The 16 flag bits after the server's address (RFC 4380 4, RFC 5991 3.1). */
export const teredoFlags = {
  cone: 0x8000,
  reserved: 0x4000,
  universal: 0x0200,
  group: 0x0100,
  /** Random1 and Random2 of RFC 5991 3.1. */
  randomMask: 0x3cff,
} as const;

/** First word of FE80::/64, the prefix of Teredo link-local addresses (RFC 4380 5.2.1, 5.3.2). */
export const linkLocalPrefix = 0xfe800000;

/** FF02::2 (RFC 4291 2.7.1). */
export const allRouters: Ipv6Value = { word0: 0xff020000, word1: 0, word2: 0, word3: 2 };

/** FF02::1 (RFC 4291 2.7.1). */
export const allNodes: Ipv6Value = { word0: 0xff020000, word1: 0, word2: 0, word3: 1 };
