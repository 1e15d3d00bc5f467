import type { Ipv4Value, Ipv6Value } from '../values.ts';

/** Returns the IPv4 address inside a 6to4 address, 2002:a.b.c.d::/48 (RFC 3056 section 2). */
export function sixToFourIpv4(value: Ipv6Value): Ipv4Value | undefined {
  if (value.word0 >>> 16 !== 0x2002) return undefined;
  return (((value.word0 & 0xffff) << 16) | (value.word1 >>> 16)) >>> 0;
}

/** Returns the IPv4 address in an ISATAP identifier, `::[02]00:5efe:a.b.c.d` under any prefix (RFC 5214 section 6.1). */
export function isatapIpv4(value: Ipv6Value): Ipv4Value | undefined {
  return value.word2 === 0x00005efe || value.word2 === 0x02005efe ? value.word3 : undefined;
}
