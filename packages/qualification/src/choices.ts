// The retry schedule is this implementation's: RFC 4380 says nothing about leaving the off-line state.

/** Wait before the first retry after every listed server failed; doubles from round to round. */
export const firstRetryMs = 30_000;

export const longestRetryMs = 600_000;

/** A retry comes this share earlier or later at most, so that clients cut off together do not come back together. */
export const retryJitterShare = 0.1;
