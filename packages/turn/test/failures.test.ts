import type { TurnFailure } from '@navalis/engine';
import { describe, expect, it } from 'vitest';
import { failureOf, pauseAfter, turnErrors } from '../src/client/failures.ts';

/** The pauses after 1, 2, 3 and so on failures in a row. */
function pausesAfter(failure: TurnFailure, count: number): number[] {
  return Array.from({ length: count }, (_, index) => pauseAfter(failure, index + 1));
}

describe('failures', () => {
  it('have the error codes of RFC 8489 and RFC 8656', () => {
    expect(turnErrors).toEqual({
      tryAlternate: 300,
      unauthorized: 401,
      forbidden: 403,
      allocationMismatch: 437,
      staleNonce: 438,
      wrongCredentials: 441,
      unsupportedTransport: 442,
      quotaReached: 486,
      insufficientCapacity: 508,
    });
  });

  it('[TU-10] have a name for each error code', () => {
    const codes = [300, 400, 401, 403, 437, 438, 441, 442, 486, 500, 508];
    expect(codes.map((code) => [code, failureOf(code)])).toEqual([
      [300, 'refused'],
      [400, 'refused'],
      [401, 'wrong-credentials'],
      [403, 'forbidden'],
      [437, 'refused'],
      [438, 'refused'],
      [441, 'wrong-credentials'],
      [442, 'unsupported-transport'],
      [486, 'quota-reached'],
      [500, 'refused'],
      [508, 'no-capacity'],
    ]);
  });
});

describe('pauses', () => {
  it('[TU-10] of a person are doubled from 30 s up to 300 s', () => {
    const expected = [30_000, 60_000, 120_000, 240_000, 300_000, 300_000];
    expect(pausesAfter('wrong-credentials', 6)).toEqual(expected);
    expect(pausesAfter('forbidden', 6)).toEqual(expected);
    expect(pausesAfter('refused', 6)).toEqual(expected);
    expect(pausesAfter('unsupported-transport', 6)).toEqual(expected);
    expect(pausesAfter('relayed-address-not-global', 6)).toEqual(expected);
    expect(pausesAfter('alternate-server-refused', 6)).toEqual(expected);
    expect(pausesAfter('server-not-permitted', 6)).toEqual(expected);
  });

  it('[TU-10] of a server are doubled from 5 s up to 60 s', () => {
    const expected = [5_000, 10_000, 20_000, 40_000, 60_000, 60_000];
    expect(pausesAfter('quota-reached', 6)).toEqual(expected);
    expect(pausesAfter('no-capacity', 6)).toEqual(expected);
  });

  it('[TU-10] after silence, and without a port, are doubled from 1 s up to 8 s', () => {
    const expected = [1_000, 2_000, 4_000, 8_000, 8_000];
    expect(pausesAfter('silent', 5)).toEqual(expected);
    expect(pausesAfter('no-port', 5)).toEqual(expected);
  });

  it('[TU-10] after a mismatch of allocations are doubled from 0.1 s up to 60 s', () => {
    expect(pausesAfter('allocation-mismatch', 12)).toEqual([
      100, 200, 400, 800, 1_600, 3_200, 6_400, 12_800, 25_600, 51_200, 60_000, 60_000,
    ]);
  });

  it('stay at the longest one after any number of failures', () => {
    expect(pauseAfter('silent', 5_000)).toBe(8_000);
    expect(pauseAfter('allocation-mismatch', 5_000)).toBe(60_000);
  });
});
