import { teredoServicePrefix } from '../constants.ts';
import type { Ipv4Policy } from '../ipv4/ipv4-policy.ts';
import type { Ipv4Endpoint, Ipv4Value, Ipv6Value } from '../values.ts';

/** The server's IPv4 address, bits 32 to 63 (RFC 4380 4). */
export function embeddedServer(value: Ipv6Value): Ipv4Value {
  return value.word1;
}

/** The 16 flag bits, bits 64 to 79. No receiver's behaviour depends on any of them but the cone bit. */
export function embeddedFlags(value: Ipv6Value): number {
  return value.word2 >>> 16;
}

/** The mapped port, bits 80 to 95, unobfuscated. */
export function embeddedPort(value: Ipv6Value): number {
  return mappedPortOfWord(value.word2);
}

/** The mapped IPv4 address, bits 96 to 127, unobfuscated. */
export function embeddedAddress(value: Ipv6Value): Ipv4Value {
  return mappedAddressOfWord(value.word3);
}

/** The mapped port in the third word of a Teredo address. */
export function mappedPortOfWord(word2: number): number {
  return (word2 & 0xffff) ^ 0xffff;
}

/** The mapped IPv4 address in the fourth word of a Teredo address. */
export function mappedAddressOfWord(word3: number): Ipv4Value {
  return ~word3 >>> 0;
}

/** Whether the address lies in the service prefix; says nothing about what it embeds. */
export function isTeredo(value: Ipv6Value, servicePrefix: number = teredoServicePrefix): boolean {
  return value.word0 === servicePrefix;
}

/** Service prefix, global server, global mapped address, mapped port not 0. */
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

/** Whether the address embeds exactly this endpoint (RFC 4380 5.2.3, "mapping matches"). */
export function mappingMatches(value: Ipv6Value, endpoint: Ipv4Endpoint): boolean {
  return embeddedAddress(value) === endpoint.address && embeddedPort(value) === endpoint.port;
}
