// Retries and several servers are this implementation's: RFC 4380 says nothing about leaving the off-line state.

/** Wait before the first retry after every listed server failed; doubles from round to round. */
export const firstRetryMs = 30_000;

export const longestRetryMs = 600_000;

/** A retry comes this share earlier or later at most, so that clients cut off together do not come back together. */
export const retryJitterShare = 0.1;

/** How long a client waits before it asks a server that it prefers whether it is back; doubles while nobody answers. */
export const defaultProbeIntervalMs = 600_000;

/** The wait grows to at most so many times the first one. */
export const longestProbeIntervalFactor = 8;

/** Probes that a server must answer in a row before the client goes back to it, and how far they are apart. */
export const probeAnswersNeeded = 2;
export const probeConfirmationMs = 30_000;
