// Our own choices; the specification's constants live in @navalis/address and @navalis/wire.

/**
 * Default limit of answers to router solicitations per source IPv4 address (SV-A-19): 200 clients behind one address
 * that start at once solicit twice each, and have two answers within 4 s.
 */
export const solicitationsPerSecond = 50;
export const solicitationsBurst = 200;

/** Default limit of forwarded packets per outer source, and the ratio of its burst (SV-F-14). */
export const forwardsPerSecond = 200;
export const forwardsBurstFactor = 2;

/** Sources that each limiter remembers at once. */
export const limitedSources = 16_384;

/** Largest IPv6 payload, in octets, of an ICMPv6 packet that the server forwards (SV-F-09). */
export const forwardedPayloadLimit = 128;

/** Largest datagram, in octets, that the server builds: an Ethernet frame's worth, so that it is never fragmented. */
export const datagramLimit = 1472;

/** Contents of advertisements (SV-A-02, SV-A-17): one autonomous /64 that never expires, retransmissions after 2 s. */
export const clientPrefixLength = 64;
export const autonomousFlag = 0x40;
export const infiniteLifetime = 0xffffffff;
export const retransmissionTimerMs = 2000;
