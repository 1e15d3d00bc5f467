import type { DropReason } from '@navalis/engine';

/** The engines that count drops. A host-specific relay is a relay, and in mode `auto` at times a client. */
export type DropRole = 'client' | 'server' | 'relay';

const all: readonly DropRole[] = ['client', 'server', 'relay'];
const peers: readonly DropRole[] = ['client', 'relay'];
const infrastructure: readonly DropRole[] = ['server', 'relay'];
const client: readonly DropRole[] = ['client'];
const server: readonly DropRole[] = ['server'];
const relay: readonly DropRole[] = ['relay'];

/** The engines that can drop something for each reason. Complete: the compiler and a test compare it with the engines. */
export const dropRoles: Readonly<Record<DropReason, readonly DropRole[]>> = {
  // Malformed
  'empty-datagram': all,
  'unknown-encapsulation': all,
  'truncated-origin': all,
  'truncated-authentication': all,
  'element-order': all,
  'repeated-element': all,
  'not-ipv6': all,
  'truncated-ipv6-header': all,
  'ipv6-length-exceeds-datagram': all,
  'malformed-packet': peers,
  // Any role, from the wire
  'authentication-around-other': all,
  'unexpected-origin': peers,
  'routing-header': peers,
  'unknown-critical-trailer': peers,
  'source-not-allowed': all,
  'endpoint-mismatch': peers,
  'bubble-nonce-mismatch': peers,
  'invalid-alternate-address': client,
  'untrusted-link-local': relay,
  'peer-not-known': relay,
  'rate-limited': infrastructure,
  'reply-limit': client,
  'peer-table-full': peers,
  // Client
  'not-qualified': client,
  'not-for-us': client,
  'invalid-router-advertisement': client,
  'unsolicited-router-advertisement': client,
  'nonce-mismatch': client,
  'not-a-discovery-bubble': client,
  'own-discovery-bubble': client,
  'not-on-this-link': client,
  'behind-another-nat': client,
  'local-peer-limit': client,
  'not-for-secondary-port': client,
  'not-for-random-port': client,
  // Client behind a TURN server
  'not-from-turn-server': client,
  'malformed-turn-message': client,
  'unexpected-turn-message': client,
  'unknown-turn-channel': client,
  'turn-not-allocated': client,
  'turn-permission-limit': client,
  'turn-permission-refused': client,
  'not-for-plain-port': client,
  // Server
  'not-bubble-nor-icmpv6': server,
  'source-not-global': server,
  'authentication-failed': ['client', 'server'],
  'rule-7': server,
  'host-packet': server,
  'own-address-loop': server,
  'invalid-router-solicitation': server,
  'no-secondary-address': server,
  'destination-not-global': server,
  'icmpv6-type-not-forwarded': server,
  'too-large-to-forward': server,
  'hop-limit-exhausted': server,
  'injected-element': server,
  // Relay
  'destination-not-served': infrastructure,
  'source-not-served': relay,
  'tunnel-loop': relay,
  // From the host's side
  'embedded-not-global': all,
  'destination-not-allowed': client,
  'foreign-source': client,
  'sibling-of-own-address': client,
  'not-a-teredo-destination': relay,
  'packet-too-big': peers,
  'queue-overflow': peers,
  unreachable: peers,
};
