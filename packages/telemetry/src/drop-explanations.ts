import type { DropReason } from '@navalis/engine';
import { dropCauses } from './drop-causes.ts';
import { askBoth, checkRoutes, ownDropTexts, waitsOrAsk } from './own-drop-texts.ts';

/** The source or destination of packets that are dropped for a reason. */
export type DropPlace =
  /** Datagrams that arrive from the IPv4 network. */
  | 'network'
  /** Packets of the host or, at a relay, of the native side. */
  | 'host'
  /** Datagrams and packets on their way out. */
  | 'sending'
  /** Packets for the host that go into the tunnel interface. */
  | 'delivery'
  /** Answers of the router to requests for a port mapping. */
  | 'router'
  /** Datagrams on their way into a connection to a TURN server. */
  | 'stream';

export interface DropExplanation {
  readonly places: readonly DropPlace[];
  /** A whole sentence that describes a packet dropped for this reason. */
  readonly meaning: string;
  /** A whole sentence that names what usually causes it. */
  readonly cause: string;
  /** A whole sentence that tells the operator what to do. */
  readonly cure: string;
}

const network: readonly DropPlace[] = ['network'];
const host: readonly DropPlace[] = ['host'];
const sending: readonly DropPlace[] = ['sending'];
const both: readonly DropPlace[] = ['network', 'host'];

const noise = 'No action is needed unless traffic is missing: such datagrams are not part of Teredo.';
const updatePeer = 'Capture UDP on this host to find the sender, and update its Teredo software.';
const brokenPath = 'Look for a device on the path that changes or cuts UDP payloads.';
const checkServed = 'Compare the key served-prefix with the addresses that the relay should serve.';
const raiseLimit = 'Raise the limit of this role if the load is legitimate: see the configuration reference.';

const explanations: Readonly<Record<DropReason, Omit<DropExplanation, 'cause'>>> = {
  // Malformed
  'empty-datagram': { places: network, meaning: 'The datagrams are empty.', cure: noise },
  'unknown-encapsulation': { places: network, meaning: 'The datagrams are not Teredo.', cure: noise },
  'truncated-origin': { places: network, meaning: 'The origin indication is cut off.', cure: brokenPath },
  'truncated-authentication': { places: network, meaning: 'The authentication is cut off.', cure: brokenPath },
  'element-order': { places: network, meaning: 'The headers are in the wrong order.', cure: updatePeer },
  'repeated-element': { places: network, meaning: 'A header is repeated.', cure: updatePeer },
  'not-ipv6': { places: both, meaning: 'The payload is not IPv6.', cure: noise },
  'truncated-ipv6-header': { places: both, meaning: 'The IPv6 header is cut off.', cure: brokenPath },
  'ipv6-length-exceeds-datagram': {
    places: both,
    meaning: 'The IPv6 packet is longer than its datagram.',
    cure: brokenPath,
  },
  'malformed-packet': { places: both, meaning: 'The IPv6 packet is malformed.', cure: brokenPath },
  // Any role, from the wire
  'authentication-around-other': {
    places: network,
    meaning: 'An authentication surrounds something other than a solicitation or an advertisement.',
    cure: updatePeer,
  },
  'unexpected-origin': {
    places: network,
    meaning: 'A host other than a server sent an origin indication.',
    cure: updatePeer,
  },
  'routing-header': { places: both, meaning: 'The packets have a routing header.', cure: noise },
  'unknown-critical-trailer': {
    places: network,
    meaning: 'The bubbles have a mandatory trailer that this version does not support.',
    cure: 'Update this program.',
  },
  'source-not-allowed': {
    places: network,
    meaning: 'The IPv6 source is not allowed in the tunnel.',
    cure: noise,
  },
  'endpoint-mismatch': {
    places: network,
    meaning: 'The datagrams come from an IPv4 endpoint other than the one in their Teredo address.',
    cure: 'The sender may be behind a symmetric NAT and not support that, or its address may be forged.',
  },
  'bubble-nonce-mismatch': {
    places: network,
    meaning:
      'Bubbles came from an unexpected IPv4 endpoint with another nonce than the one that their sender was sent last.',
    cure: 'Nothing, unless it goes on: then answers take longer than 30 seconds, or somebody forges them.',
  },
  'invalid-alternate-address': {
    places: network,
    meaning: 'Bubbles offered alternate addresses in a form that RFC 6081 does not allow.',
    cure: 'Nothing: the sender does not follow RFC 6081, or somebody forges its bubbles.',
  },
  'untrusted-link-local': {
    places: network,
    meaning: 'A link-local bubble comes from an unknown peer.',
    cure: noise,
  },
  'peer-not-known': {
    places: network,
    meaning: 'The datagrams come from peers that this host has not contacted.',
    cure: `Have the native hosts answer through this relay. ${waitsOrAsk}`,
  },
  'rate-limited': { places: both, meaning: 'The rate exceeds a limit for each source.', cure: raiseLimit },
  'reply-limit': {
    places: network,
    meaning: 'A peer repeats its bubbles more often than it may be answered.',
    cure: `The answers do not reach it. ${askBoth}`,
  },
  'peer-table-full': {
    places: host,
    meaning: 'The packets waited for peers that left the full table of peers for others.',
    cure: 'Raise the key max-peers of a client, or max-clients of a relay.',
  },
  // Client
  'not-qualified': {
    places: both,
    meaning: 'The client has no Teredo address yet.',
    cure: 'See "status" for the reason, and run "diagnose".',
  },
  'not-for-us': {
    places: network,
    meaning: 'The packets are for another address.',
    cure: 'A peer may still use the previous address. No action is needed unless it lasts.',
  },
  'invalid-router-advertisement': {
    places: network,
    meaning: 'The answers of the server are invalid.',
    cure: 'Choose another server, or update the Teredo server there.',
  },
  'unsolicited-router-advertisement': {
    places: network,
    meaning: 'The advertisements were not solicited.',
    cure: noise,
  },
  'nonce-mismatch': {
    places: network,
    meaning: 'The answers of the server do not match the last solicitation.',
    cure: 'They may be late or forged. Choose another server if it lasts.',
  },
  'not-a-discovery-bubble': {
    places: network,
    meaning: 'The datagrams to the multicast address are not discovery bubbles.',
    cure: noise,
  },
  'own-discovery-bubble': {
    places: network,
    meaning: 'The discovery bubbles are those of this client.',
    cure: 'Multicast returns them to their sender. No action is needed.',
  },
  'not-on-this-link': {
    places: network,
    meaning: 'A discovery bubble comes from outside of this link.',
    cure: 'Compare the netmask of discovery-interface with those of the other hosts.',
  },
  'behind-another-nat': {
    places: network,
    meaning: 'A client on this link is behind another NAT.',
    cure: 'No action is needed: it is reached through the Internet.',
  },
  'local-peer-limit': {
    places: network,
    meaning: 'There are more clients on this link than this client remembers.',
    cure: 'No action is needed: they are reached through the Internet.',
  },
  'not-for-secondary-port': {
    places: network,
    meaning: 'The second port received something other than an answer.',
    cure: noise,
  },
  'not-for-random-port': {
    places: network,
    meaning: 'A port that is open for one peer received something from another one.',
    cure: noise,
  },
  // Client behind a TURN server
  'not-from-turn-server': {
    places: network,
    meaning: 'The client uses a TURN server, and the datagrams come from another endpoint.',
    cure: noise,
  },
  'malformed-turn-message': {
    places: network,
    meaning: 'The messages of the TURN server are malformed.',
    cure: brokenPath,
  },
  'unexpected-turn-message': {
    places: network,
    meaning: 'The messages of the TURN server answer no request, or are not authentic.',
    cure: 'They may be late or forged. Check the password in the file turn-credentials if it lasts.',
  },
  'unknown-turn-channel': {
    places: network,
    meaning: 'The TURN server uses a channel that this client does not have.',
    cure: 'They may be late, from an earlier allocation. Update the TURN server if it lasts.',
  },
  'turn-not-allocated': {
    places: sending,
    meaning: 'The TURN server has not given this client an allocation yet, or no longer.',
    cure: 'See "status" for the reason.',
  },
  'turn-permission-limit': {
    places: sending,
    meaning: 'The client would ask the TURN server for more permissions than it may.',
    cure: 'Look for a host that sends bubbles from many addresses. No action is needed unless it lasts.',
  },
  'turn-permission-refused': {
    places: sending,
    meaning: 'The TURN server forbids traffic to the address, or did not answer.',
    cure: 'Allow the address at the TURN server (allowed-peer-ip), unless it is forbidden on purpose.',
  },
  'not-for-plain-port': {
    places: network,
    meaning: 'The port for peers that need no TURN server received something from a sender that is not a known peer.',
    cure: noise,
  },
  // Server
  'not-bubble-nor-icmpv6': {
    places: network,
    meaning: 'Clients send data to the server, which forwards only bubbles and ICMPv6.',
    cure: updatePeer,
  },
  'source-not-global': {
    places: network,
    meaning: 'The Teredo address of the source embeds an IPv4 address that is not global.',
    cure: 'In a laboratory, add the range to extra-global-ipv4.',
  },
  'authentication-failed': {
    places: network,
    meaning: 'The client identifier is unknown, or the secret differs.',
    cure: 'Compare client-keys here with the secret of the client, and reload the server with SIGHUP.',
  },
  'rule-7': {
    places: network,
    meaning: 'Neither source nor destination is served by this server.',
    cure: 'The senders may use the address of another server. Compare primary-address with the address they know.',
  },
  'host-packet': {
    places: host,
    meaning: 'The host sent the packets to the server, which forwards only packets from the IPv4 network.',
    cure: checkRoutes,
  },
  'own-address-loop': {
    places: network,
    meaning: 'The packets are for an endpoint of this server.',
    cure: 'Find the Teredo program on this host or in front of it that causes the loop.',
  },
  'invalid-router-solicitation': {
    places: network,
    meaning: 'The solicitations are invalid.',
    cure: updatePeer,
  },
  'no-secondary-address': {
    places: network,
    meaning: 'Clients ask for an answer from a second address, but this server has only one.',
    cure: 'Give the host a second IPv4 address and set secondary-address.',
  },
  'destination-not-global': {
    places: both,
    meaning: 'The destination is not a global address, or embeds none.',
    cure: 'In a laboratory, add the range to extra-global-ipv4 or extra-global-ipv6.',
  },
  'icmpv6-type-not-forwarded': {
    places: network,
    meaning: 'Clients send ICMPv6 messages other than echo through the server.',
    cure: noise,
  },
  'too-large-to-forward': {
    places: network,
    meaning: 'Clients send larger packets through the server than a connectivity test needs.',
    cure: noise,
  },
  'hop-limit-exhausted': {
    places: both,
    meaning: 'The hop limit is used up.',
    cure: 'Look for a routing loop between this host and the sender with "traceroute".',
  },
  'injected-element': {
    places: network,
    meaning: 'The packet to forward has headers that only a server may write.',
    cure: noise,
  },
  // Relay
  'destination-not-served': {
    places: network,
    meaning: 'Clients send to destinations that this relay does not serve.',
    cure: checkServed,
  },
  'source-not-served': {
    places: host,
    meaning: 'The packets come from native addresses that this relay does not serve.',
    cure: checkServed,
  },
  'tunnel-loop': {
    places: both,
    meaning: 'The packets would come back to this relay.',
    cure: 'Look for a route to the service prefix that leads back here.',
  },
  // From the host's side
  'embedded-not-global': {
    places: host,
    meaning: 'The Teredo address of the destination embeds an IPv4 address that is not global.',
    cure: 'In a laboratory, add the range to extra-global-ipv4.',
  },
  'destination-not-allowed': {
    places: host,
    meaning: 'The destination cannot be reached through the tunnel.',
    cure: checkRoutes,
  },
  'foreign-source': {
    places: host,
    meaning: 'The packets have another source than the Teredo address of this host.',
    cure: `Only this host can use the tunnel. ${checkRoutes}`,
  },
  'sibling-of-own-address': {
    places: host,
    meaning: 'The destination has the IPv4 endpoint of this client in another address.',
    cure: 'A name or a program may still use the previous address. No action is needed unless it lasts.',
  },
  'not-a-teredo-destination': {
    places: host,
    meaning: 'The destination is no Teredo address.',
    cure: checkRoutes,
  },
  'packet-too-big': {
    places: host,
    meaning: 'The packets are larger than the MTU of the tunnel.',
    cure: 'The senders do not follow Packet Too Big: let ICMPv6 type 2 pass on the way to them.',
  },
  'queue-overflow': {
    places: host,
    meaning: 'The peer has not answered yet, and enough packets wait for it.',
    cure: waitsOrAsk,
  },
  unreachable: {
    places: host,
    meaning: 'The peer does not answer.',
    cure: `It may be off, or behind a NAT that lets nothing in. ${waitsOrAsk}`,
  },
};

/** Returns the explanations for the program `teredo-<role>`. */
export function dropExplanationsOf(role: string): Readonly<Record<DropReason, DropExplanation>> {
  const texts = ownDropTexts[role] ?? {};
  return Object.fromEntries(
    (Object.keys(explanations) as DropReason[]).map((reason) => [
      reason,
      { ...dropExplanations[reason], ...texts[reason] },
    ]),
  ) as Record<DropReason, DropExplanation>;
}

/**
 * The meaning of each reason of the protocol machines for an operator. Complete: the compiler and a test compare it with the list of
 * reasons.
 */
export const dropExplanations: Readonly<Record<DropReason, DropExplanation>> = Object.fromEntries(
  (Object.keys(explanations) as DropReason[]).map((reason) => [
    reason,
    { ...explanations[reason], cause: dropCauses[reason] },
  ]),
) as Record<DropReason, DropExplanation>;
