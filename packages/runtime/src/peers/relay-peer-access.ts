import { formatIpv6 } from '@navalis/address';
import type { RouteProbe } from '../host/routes/route-probe.ts';
import { servicePrefixText } from '../tunnel/interface-plans.ts';
import type { PeerAccess } from './peer-access.ts';

/** The parts of a relay that decide which peers it can ping. */
interface RelayPings {
  readonly servicePrefix: number;
  readonly interfaceName: string;
  readonly routes: Pick<RouteProbe, 'ipv6Interface'>;
}

/**
 * Returns the way to the peers of a relay, which pings Teredo clients only. A client sends its reply to the relay from which it last got a
 * packet of the host: that is the one through which the host answers the client's connectivity test (RFC 4380 5.2.9), by its routes.
 */
export function relayPeerAccess(
  dataPlane: PeerAccess,
  { servicePrefix, interfaceName, routes }: RelayPings,
): PeerAccess {
  return {
    peers: (query) => dataPlane.peers(query),
    watchPeer: (request, watcher) => dataPlane.watchPeer(request, watcher),
    async refusePing(peer, source) {
      const [client, own] = [formatIpv6(peer), formatIpv6(source)];
      if (peer.word0 !== servicePrefix) {
        return `A relay pings Teredo clients only, and ${client} is not in ${servicePrefixText(servicePrefix)}: use the ping of the host.`;
      }
      const other = await routes.ipv6Interface(peer, source);
      if (other === undefined || other === interfaceName) return undefined;
      return `The reply would not return through this relay: packets from ${own} to ${client} leave through the interface "${other}". Use the ping of its program, such as teredo-host-relay ping, or that of the host.`;
    },
  };
}
