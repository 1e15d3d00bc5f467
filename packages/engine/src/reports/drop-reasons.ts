import { malformedReasons } from '@navalis/wire';

const engineReasons = {
  // Any role, from the wire
  'authentication-around-other': 'SEC-24',
  'unexpected-origin': 'CL-R-29',
  'routing-header': 'SEC-22',
  'unknown-critical-trailer': 'XC-03',
  'source-not-allowed': 'CL-R-31',
  'endpoint-mismatch': 'CL-R-27',
  'bubble-nonce-mismatch': 'SNS-09',
  'invalid-alternate-address': 'HP-10',
  'untrusted-link-local': 'IO-03',
  'peer-not-known': 'RL-R-05',
  'rate-limited': 'SEC-14',
  'reply-limit': 'CL-B-09',
  'peer-table-full': 'CL-P-05',
  // Client
  'not-qualified': 'CL-R-30',
  'not-for-us': 'CL-R-03',
  'invalid-router-advertisement': 'CL-Q-10',
  'unsolicited-router-advertisement': 'CL-R-34',
  'nonce-mismatch': 'CL-S-03',
  'not-a-discovery-bubble': 'CL-R-20',
  'own-discovery-bubble': 'CL-L-13',
  'not-on-this-link': 'CL-L-07',
  'behind-another-nat': 'CL-L-08',
  'local-peer-limit': 'CL-L-14',
  'not-for-secondary-port': 'CL-D-11',
  'not-for-random-port': 'PP-24',
  // Client behind a TURN server
  'not-from-turn-server': 'TU-13',
  'malformed-turn-message': 'TU-02',
  'unexpected-turn-message': 'TU-05',
  'unknown-turn-channel': 'TU-08',
  'turn-not-allocated': 'TU-12',
  'turn-permission-limit': 'TU-07',
  'turn-permission-refused': 'TU-07',
  'not-for-plain-port': 'TU-26',
  // Server
  'not-bubble-nor-icmpv6': 'SV-R-02',
  'source-not-global': 'SV-R-03',
  'authentication-failed': 'SV-R-05',
  'rule-7': 'SV-R-09',
  'host-packet': 'SV-F-15',
  'own-address-loop': 'SEC-06',
  'invalid-router-solicitation': 'SV-A-18',
  'no-secondary-address': 'SV-C-09',
  'destination-not-global': 'SV-F-02',
  'icmpv6-type-not-forwarded': 'SV-F-09',
  'too-large-to-forward': 'SV-F-09',
  'hop-limit-exhausted': 'SV-F-10',
  'injected-element': 'SV-F-13',
  // Relay
  'destination-not-served': 'RL-R-07',
  'source-not-served': 'RL-R-11',
  'tunnel-loop': 'SEC-08',
  // From the host's side
  'embedded-not-global': 'CL-T-11',
  'destination-not-allowed': 'CL-T-12',
  'foreign-source': 'CL-T-13',
  'sibling-of-own-address': 'SEC-09',
  'not-a-teredo-destination': 'RL-T-01',
  'packet-too-big': 'CL-T-15',
  'malformed-packet': 'WF-14',
  'queue-overflow': 'CL-T-18',
  unreachable: 'CL-T-16',
} as const;

/**
 * Every reason for which a protocol machine drops a datagram or packet, with the conformance row that demands it. A reason is a
 * metric label and a key in `status --json`.
 */
export const dropReasons: typeof malformedReasons & typeof engineReasons = { ...malformedReasons, ...engineReasons };

export type DropReason = keyof typeof dropReasons;

export const dropReasonNames: readonly DropReason[] = Object.keys(dropReasons) as DropReason[];
