/** An entry is valid while something was received from the peer less than this ago (RFC 4380 section 5.2.4). */
export const validityMs = 30_000;

/** A bubble leaves at least this long after the last transmission to the peer (RFC 4380 section 5.2.6). */
export const bubbleSpacingMs = 2_000;

/** So many bubbles in this time, without a direct response, are the limit (RFC 4380 section 5.2.6). */
export const bubbleBudget = 4;
export const bubbleBudgetWindowMs = 300_000;

/** An unanswered burst is repeated after this time, three times at most (RFC 4380 section 5.2.4, DD-03). */
export const burstTimeoutMs = 2_000;
export const burstsPerAttempt = 4;

/** Direct solicitations of a peer that fell silent, as far apart as bursts (RFC 6081 section 5.7.2). */
export const solicitationsPerAttempt = 3;

/** RFC 4443 section 3.1: address unreachable. */
export const addressUnreachable = 3;

/** Mappings of random ports are refreshed as often, and so many times without data (RFC 6081 section 5.4.2.1). */
export const peerRefreshMs = 30_000;
export const peerRefreshes = 20;

/** An echo test is repeated once (RFC 6081 section 5.5.2.2). */
export const echoTestsInRow = 2;
