import { teredoServicePrefix } from '../constants.ts';
import type { Ipv4Policy } from '../ipv4/ipv4-policy.ts';
import type { Ipv4Endpoint, Ipv4Value, Ipv6Value } from '../values.ts';

/** Returns the server's IPv4 address, bits 32 to 63 (RFC 4380 section 4). */
export function embeddedServer(value: Ipv6Value): Ipv4Value {
  return value.word1;
}

/** Returns the 16 flag bits, bits 64 to 79. Receivers act on the cone bit alone. */
export function embeddedFlags(value: Ipv6Value): number {
  return value.word2 >>> 16;
}

/** Returns the mapped port, bits 80 to 95, unobfuscated. */
export function embeddedPort(value: Ipv6Value): number {
  return mappedPortOfWord(value.word2);
}

/** Returns the mapped IPv4 address, bits 96 to 127, unobfuscated. */
export function embeddedAddress(value: Ipv6Value): Ipv4Value {
  return mappedAddressOfWord(value.word3);
}

/** Returns the mapped port in the third word of a Teredo address. */
export function mappedPortOfWord(word2: number): number {
  return (word2 & 0xffff) ^ 0xffff;
}

/** Returns the mapped IPv4 address in the fourth word of a Teredo address. */
export function mappedAddressOfWord(word3: number): Ipv4Value {
  return ~word3 >>> 0;
}

/** Returns whether the address lies in the service prefix. Does not check the embedded endpoint. */
export function isTeredo(value: Ipv6Value, servicePrefix: number = teredoServicePrefix): boolean {
  return value.word0 === servicePrefix;
}

/** Returns whether the address has the service prefix, a global server, a global mapped address and a mapped port other than 0. */
export function isWellFormedTeredo(
  value: Ipv6Value,
  policy: Ipv4Policy,
  servicePrefix: number = teredoServicePrefix,
): boolean {
  return (
    value.word0 === servicePrefix &&
    embeddedPort(value) !== 0 &&
    policy.isGlobalUnicast(embeddedAddress(value)) &&
    policy.isGlobalUnicast(embeddedServer(value))
  );
}

/** Returns whether the address embeds exactly this endpoint (RFC 4380 section 5.2.3, "mapping matches"). */
export function mappingMatches(value: Ipv6Value, endpoint: Ipv4Endpoint): boolean {
  return embeddedAddress(value) === endpoint.address && embeddedPort(value) === endpoint.port;
}
