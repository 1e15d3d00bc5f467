/** Peers at most (RFC 4380 5.2 asks for enough to avoid needless bubbles). */
export const defaultPeerCapacity = 1024;

/** Packets of the host that wait for all peers together. */
export const defaultQueueCapacity = 1024;

/** How long a connectivity test's nonce stays valid after the attempt began. */
export const testNonceLifetimeMs = 30_000;

/** How long a destination counts as unreachable after a connectivity test failed. */
export const negativeCacheMs = 10_000;

/** Consecutive failed connectivity tests before native hosts count as unreachable: one dead host is no proof. */
export const failedTestsInRow = 3;

/** Connectivity tests that incoming packets may cause: of one source once in this time, and of all sources so many. */
export const inboundTestSpacingMs = 30_000;
export const inboundTestsPerSecond = 10;

/** A peer that stays silent this long while packets go to it is tested (CL-P-13). 4380 5.2.6 forbids sooner bubbles to Teredo peers. */
export const nativeSilenceMs = 300;
export const teredoSilenceMs = 2_000;

/** The time between tests of one peer. Of a native host that was heard between them, so many may follow sooner; each counts for as long. */
export const askSpacingMs = 30_000;
export const earlyTests = 8;

/** Identifies our connectivity tests in captures: "TE". The nonce is what counts. */
export const testIdentifier = 0x5445;

/** Local peers at most (CL-L-14). */
export const localPeerCapacity = 64;

/** Answers to discovery bubbles of one peer, and discovery bubbles of our own out of turn, are at least so far apart (CL-L-14). */
export const discoverySpacingMs = 2_000;

/** The shortest refresh interval that a determination begins with. */
export const shortestRefreshStartMs = 5_000;

/** Random port numbers that are tried when other programs use them. */
export const randomPortTries = 8;
