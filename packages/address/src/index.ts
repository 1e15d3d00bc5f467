/**
 * IPv4 and IPv6 addresses as values: text, prefixes, classification, and Teredo addresses (RFC 4380 section 4). Pure
 * functions without dependencies.
 *
 * - {@link parseTeredoAddress} reads a Teredo address and returns its fields.
 * - {@link buildTeredoAddress} builds one from a server, flags and a mapped endpoint.
 * - {@link Ipv4Policy} decides which IPv4 addresses are global unicast.
 *
 * @packageDocumentation
 */

export { allNodes, allRouters, linkLocalPrefix, teredoFlags, teredoPort, teredoServicePrefix } from './constants.ts';
export {
  type EndpointText,
  endpointText,
  formatEndpoint,
  formatEndpointText,
  ipv4EndpointEquals,
} from './ipv4/ipv4-endpoint.ts';
export { Ipv4Policy, type Ipv4PolicyOptions } from './ipv4/ipv4-policy.ts';
export { type Ipv4Prefix, ipv4PrefixContains, parseIpv4Prefix } from './ipv4/ipv4-prefix.ts';
export { formatIpv4, parseIpv4 } from './ipv4/ipv4-text.ts';
export { classifyIpv6, type Ipv6Class } from './ipv6/ipv6-class.ts';
export { isatapIpv4, sixToFourIpv4 } from './ipv6/ipv6-embedded.ts';
export {
  createMutableIpv6Value,
  ipv6Equals,
  ipv6EqualsAt,
  type MutableIpv6Value,
  readIpv6,
  readIpv6Into,
  writeIpv6,
} from './ipv6/ipv6-octets.ts';
export { Ipv6Policy, type Ipv6PolicyOptions } from './ipv6/ipv6-policy.ts';
export { type Ipv6Prefix, ipv6PrefixContains, parseIpv6Prefix } from './ipv6/ipv6-prefix.ts';
export { formatIpv6, parseIpv6 } from './ipv6/ipv6-text.ts';
export { readUint16, readUint32, writeUint16, writeUint32 } from './octets.ts';
export {
  buildTeredoAddress,
  buildTeredoLinkLocal,
  serverLinkLocal,
  type TeredoAddressParts,
} from './teredo/teredo-build.ts';
export {
  embeddedAddress,
  embeddedFlags,
  embeddedPort,
  embeddedServer,
  isTeredo,
  isWellFormedTeredo,
  mappedAddressOfWord,
  mappedPortOfWord,
  mappingMatches,
} from './teredo/teredo-fields.ts';
export { parseTeredoAddress, type TeredoAddressFields } from './teredo/teredo-text.ts';
export type * from './values.ts';
