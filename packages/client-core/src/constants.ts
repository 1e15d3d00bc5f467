import { type Ipv4Endpoint, teredoPort } from '@navalis/address';

/** Octets of the connectivity test's nonce; RFC 4380 5.2.9 asks for at least 8. */
export const testNonceLength = 16;

/** Hop limit of the connectivity test's Echo Requests. */
export const testHopLimit = 64;

/** The multicast group and port of local client discovery (RFC 4380 2.17). */
export const discoveryEndpoint: Ipv4Endpoint = { address: 0xe00000fd, port: teredoPort };

/** Discovery bubbles are not forwarded (RFC 4380 5.2.8). */
export const discoveryHopLimit = 1;

/** The time from one discovery bubble to the next is drawn between these (RFC 4380 5.2.8). */
export const leastDiscoveryIntervalMs = 200_000;
export const longestDiscoveryIntervalMs = 300_000;

/** How long a peer counts as local after its last discovery bubble (RFC 4380 5.2.4, case 3). */
export const localPeerLifetimeMs = 600_000;

/** RFC 4443 3.1: unreachable for want of a route, and for its source address. */
export const unreachableCodes = { noRoute: 0, sourceFailedPolicy: 5 } as const;

/** The dynamic ports (RFC 6335 6). */
export const firstDynamicPort = 49_152;
export const dynamicPorts = 16_384;
