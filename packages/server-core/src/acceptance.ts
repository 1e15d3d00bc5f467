import {
  allRouters,
  classifyIpv6,
  embeddedAddress,
  embeddedPort,
  embeddedServer,
  type Ipv4Value,
  type Ipv6Value,
  ipv6Equals,
  isTeredo,
  teredoPort,
} from '@navalis/address';
import type { DropReason } from '@navalis/engine';
import {
  type DatagramLayout,
  icmpv6TypeOf,
  icmpv6Types,
  isBubble,
  isIcmpv6,
  nextHeaderOf,
  nextHeaders,
} from '@navalis/wire';
import type { ServerOptions } from './options.ts';

/** The result of an accepted datagram: an answered solicitation or a forwarded packet. */
export type Acceptance =
  | 'solicitation'
  /** The source proved itself by its outer address and port (rule 5). */
  | 'verified-client'
  /** Rule 6, or a bubble under the relaxed rule 5: only towards Teredo destinations (SEC-34). */
  | 'towards-client';

export interface ReceivedPacket {
  readonly bytes: Uint8Array;
  readonly layout: DatagramLayout;
  readonly outerAddress: Ipv4Value;
  readonly outerPort: number;
  readonly source: Ipv6Value;
  readonly destination: Ipv6Value;
}

/** Returns an acceptance or the reason of a refusal: rules 2 to 7 of RFC 4380 section 5.3.1, in their order (SV-R-10). */
export function accept(packet: ReceivedPacket, options: ServerOptions, servicePrefix: number): Acceptance | DropReason {
  const { bytes, layout, source, destination } = packet;
  const bubble = isBubble(bytes, layout.packetOffset);
  if (!bubble && nextHeaderOf(bytes, layout.packetOffset) !== nextHeaders.icmpv6) return 'not-bubble-nor-icmpv6';

  if (!options.policy.isGlobalUnicast(packet.outerAddress)) return 'source-not-global';
  if (isOwnEndpoint(packet.outerAddress, packet.outerPort, options)) return 'own-address-loop';

  const linkLocalSource = classifyIpv6(source) === 'link-local';
  if (linkLocalSource && ipv6Equals(destination, allRouters) && isSolicitation(bytes, layout.packetOffset)) {
    return 'solicitation';
  }

  const teredoSource = isTeredo(source, servicePrefix);
  if (teredoSource && isOwnEndpoint(embeddedAddress(source), embeddedPort(source), options)) return 'own-address-loop';
  if (teredoSource && embeddedAddress(source) === packet.outerAddress) {
    if (embeddedPort(source) === packet.outerPort) return 'verified-client';
    // Clients behind port-symmetric NATs reach peers of other servers only so (SV-R-07, RFC 6081 section 6.1).
    if (!options.strictSourceCheck && bubble && isTeredo(destination, servicePrefix)) return 'towards-client';
  }

  const served = isTeredo(destination, servicePrefix) && embeddedServer(destination) === options.primary;
  if (!teredoSource && served && (!linkLocalSource || bubble)) {
    const sourceClass = classifyIpv6(source);
    return sourceClass === 'multicast' || sourceClass === 'unspecified' || sourceClass === 'loopback'
      ? 'source-not-allowed'
      : 'towards-client';
  }
  return 'rule-7';
}

/**
 * Returns true if the server itself sends from the endpoint (SEC-06, SEC-07). Other ports of its addresses belong to other
 * programs of this host, such as a relay, which it serves like any other (DD-38).
 */
export function isOwnEndpoint(address: Ipv4Value, port: number, options: ServerOptions): boolean {
  return port === teredoPort && (address === options.primary || address === options.secondary);
}

function isSolicitation(bytes: Uint8Array, packetOffset: number): boolean {
  return isIcmpv6(bytes, packetOffset) && icmpv6TypeOf(bytes, packetOffset) === icmpv6Types.routerSolicitation;
}
