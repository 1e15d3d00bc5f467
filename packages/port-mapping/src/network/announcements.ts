import { createSocket } from 'node:dgram';
import { formatIpv4, parseIpv4 } from '@navalis/address';
import { readNatPmpAnswer } from '../codec/nat-pmp.ts';
import { readPcpAnswer } from '../codec/pcp.ts';
import type { Gateway, NetworkParts } from './network.ts';

/** Where routers announce that they started or changed their address (RFC 6886 section 3.2.1, RFC 6887 section 14.1). */
const allHosts = '224.0.0.1';

/**
 * Hears what a router announces over PCP and NAT-PMP, until the returned function is called. An announcement is a reason to ask
 * the router and nothing more: anyone on the link can forge one.
 */
export function hearAnnouncements(
  gateway: Gateway,
  { ports, drops }: Pick<NetworkParts, 'ports' | 'drops'>,
  heard: () => void,
): () => void {
  const socket = createSocket({ type: 'udp4', reuseAddr: true });
  let isOver = false;
  const end = () => {
    if (!isOver) socket.close();
    isOver = true;
  };
  // Another program may have the port to itself: the mapping is looked at once a minute as well.
  socket.on('error', end);
  socket.on('message', (octets, { address, port }) => {
    if (parseIpv4(address) !== gateway.address || port !== ports.control) {
      drops.drop('mapping-other-source');
      return;
    }
    const pcp = readPcpAnswer(octets);
    if (typeof pcp !== 'string' && pcp.kind === 'announcement') return heard();
    const natPmp = readNatPmpAnswer(octets);
    if (typeof natPmp !== 'string' && natPmp.kind === 'address') return heard();
    drops.drop('mapping-malformed');
  });
  socket.bind(ports.announcements, () => {
    try {
      if (!isOver) socket.addMembership(allHosts, formatIpv4(gateway.local));
    } catch {
      // Every host is a member of this group already.
    }
  });
  return end;
}
