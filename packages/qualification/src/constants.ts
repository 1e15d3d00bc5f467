/** T: how long a solicitation waits for its answer (RFC 4380 5.2.1). */
export const solicitationTimeoutMs = 4000;

/** N: transmissions per phase (RFC 4380 5.2.1, counted as RFC 2461 counts). The phase fails T after the last one. */
export const solicitationTransmissions = 3;

/** How long a mapping is trusted without hearing from the server, by default (RFC 4380 2.15, 5.2). */
export const defaultRefreshIntervalMs = 30_000;

/** The longest refresh interval that is looked for, at first (RFC 4380 5.2.7). */
export const longestRefreshIntervalMs = 120_000;

/** How long a bubble to the secondary port is waited for, and how often it is repeated (RFC 4380 5.2.7). */
export const determinationTimeoutMs = 2_000;
export const determinationRepeats = 3;

/** An interval of at least this share of the longest is good enough: the search ends (RFC 4380 5.2.7). */
export const sufficientShare = 0.75;

/** The randomised refresh interval is uniform between this share of the refresh interval and all of it (RFC 4380 5.2). */
export const shortestRefreshShare = 0.75;

/** A client's addresses lie in a /64 made of the service prefix and its server's address (RFC 4380 2.12). */
export const clientPrefixLength = 64;
