/** Milliseconds on a monotonic clock with an arbitrary origin. */
export type Milliseconds = number;
