import type { Milliseconds, TurnFailure } from '@navalis/engine';

/** Error codes (RFC 8489 section 14.8, RFC 8656 section 19) that a client acts on. */
export const turnErrors = {
  tryAlternate: 300,
  unauthorized: 401,
  forbidden: 403,
  allocationMismatch: 437,
  staleNonce: 438,
  wrongCredentials: 441,
  unsupportedTransport: 442,
  quotaReached: 486,
  insufficientCapacity: 508,
} as const;

/** Returns the reason behind the error response to an Allocate request. */
export function failureOf(errorCode: number): TurnFailure {
  switch (errorCode) {
    case turnErrors.unauthorized:
    case turnErrors.wrongCredentials:
      return 'wrong-credentials';
    case turnErrors.forbidden:
      return 'forbidden';
    case turnErrors.unsupportedTransport:
      return 'unsupported-transport';
    case turnErrors.quotaReached:
      return 'quota-reached';
    case turnErrors.insufficientCapacity:
      return 'no-capacity';
    default:
      return 'refused';
  }
}

interface Pause {
  readonly firstMs: Milliseconds;
  readonly longestMs: Milliseconds;
}

/** Long pauses after failures that a person must cure, short ones after failures that end by themselves. */
const forPeople: Pause = { firstMs: 30_000, longestMs: 300_000 };
const forServers: Pause = { firstMs: 5_000, longestMs: 60_000 };

/** Our choice: how long a client waits after a failure at all servers, at first and at most; doubled each time. */
const pauses: Readonly<Record<TurnFailure, Pause>> = {
  silent: { firstMs: 1_000, longestMs: 8_000 },
  'no-port': { firstMs: 1_000, longestMs: 8_000 },
  'quota-reached': forServers,
  'no-capacity': forServers,
  // With another port at once.
  'allocation-mismatch': { firstMs: 100, longestMs: 60_000 },
  'wrong-credentials': forPeople,
  forbidden: forPeople,
  refused: forPeople,
  'unsupported-transport': forPeople,
  'relayed-address-not-global': forPeople,
  'alternate-server-refused': forPeople,
  'server-not-permitted': forPeople,
};

/** Returns how long to wait after so many failures in a row. */
export function pauseAfter(failure: TurnFailure, failuresInRow: number): Milliseconds {
  const { firstMs, longestMs } = pauses[failure];
  return Math.min(firstMs * 2 ** (failuresInRow - 1), longestMs);
}

/** Returns true for an error that asks for credentials, which a server sends without proof of its own (RFC 8489 section 9.2.5). */
export function asksForCredentials(errorCode: number): boolean {
  return errorCode === turnErrors.unauthorized || errorCode === turnErrors.staleNonce;
}
