/** Octets of the connectivity test's nonce; RFC 4380 5.2.9 asks for at least 8. */
export const testNonceLength = 16;

/** Hop limit of the connectivity test's Echo Requests. */
export const testHopLimit = 64;

/** RFC 4443 3.1: unreachable for want of a route, for its source address, and because the address does not answer. */
export const unreachableCodes = { noRoute: 0, addressUnreachable: 3, sourceFailedPolicy: 5 } as const;
