// Retries and several servers are this implementation's: RFC 4380 says nothing about leaving the off-line state.

/** Wait before the first retry after every listed server failed; doubles from round to round. */
export const firstRetryMs = 1_000;

/**
 * The longest wait while the only server is silent: with the last solicitation of a round, which waits 4 s, the end of an
 * outage is noticed within a minute. Each further server of the list takes the time off that it is asked for.
 */
export const longestSilentRetryMs = 45_000;

/** The longest wait when a server answered and this host's NAT is what does not fit: nothing but a change of it helps. */
export const longestAnsweredRetryMs = 600_000;

/**
 * The longest wait of a client whose port is fixed. A NAT that holds the port to an address which is gone must be left alone
 * until it forgets; 300 s is the longest lifetime of an idle UDP mapping that is common.
 */
export const longestFixedPortRetryMs = 360_000;

/** The wait after one of the first solicitations of a refresh. */
const refreshSpacingMs = 1_000;

/**
 * So many solicitations of a refresh without an answer, 12 s in all, make a server silent. With 5 % loss each way one remains
 * unanswered with a probability of 0.0975, all twelve with 7e-13: in a week of 23,000 refreshes 2e-8.
 */
export const refreshTransmissions = 12;

/** The wait after each further one, while peers still answer. */
const slowRefreshSpacingMs = 5_000;

/** Returns the wait after a transmission of a refresh, counted from 1. */
export function refreshSpacing(transmission: number): number {
  return transmission <= refreshTransmissions ? refreshSpacingMs : slowRefreshSpacingMs;
}

/** A client whose server is silent keeps its address while a peer was heard within this time: as long as a peer is valid. */
export const peerWitnessMs = 30_000;

/** The first transmission of a refresh that also asks the other servers which mapping they see. */
export const substitutesFromTransmission = 3;

/** A retry comes this share earlier or later at most, so that clients cut off together do not come back together. */
export const retryJitterShare = 0.1;

/** How long a client waits before it asks a server that it prefers whether it is back; doubles while nobody answers. */
export const defaultProbeIntervalMs = 600_000;

/** The wait grows to at most so many times the first one. */
export const longestProbeIntervalFactor = 8;

/** Probes that a server must answer in a row before the client goes back to it, and how far they are apart. */
export const probeAnswersNeeded = 2;
export const probeConfirmationMs = 30_000;

/** So many servers are asked at once at most for the one that answers fastest. */
export const raceLimit = 16;

/** No refresh interval below this one is looked for, nor can one be configured. */
export const shortestRefreshIntervalMs = 5_000;
