import { seededRandom } from '@navalis/engine/testing';
import { PeerTable } from '@navalis/traversal';
import { beforeEach, describe, expect, it } from 'vitest';
import { Silence } from '../src/silence.ts';
import { native } from './world.ts';

describe('the times of silence of a native host', () => {
  let table: PeerTable;
  let silence: Silence;
  let host: number;

  beforeEach(() => {
    table = new PeerTable({ capacity: 1 }, seededRandom(1));
    silence = new Silence(table);
    host = table.insert(native, 'solicited', 0);
  });

  /** The host moves to another relay, where it was just followed. Returns true if it may be followed to a next one at once. */
  function mayMoveOn(now: number): boolean {
    silence.followed(host, now);
    silence.answered(host, true, now);
    return silence.mayFollow(host, now);
  }

  it('[CL-P-13] let it be asked 30 s after it was asked last, and not earlier', () => {
    silence.asked(host, 1_000);
    expect(silence.mayAsk(host, 30_999)).toBe(false);
    expect(silence.mayAsk(host, 31_000)).toBe(true);
  });

  it('[CL-P-13] let it be asked early once it was heard after it was asked, not at the same time', () => {
    silence.asked(host, 1_000);
    table.heard(host, 1_000);
    expect(silence.mayAsk(host, 2_000)).toBe(false);
    table.heard(host, 1_001);
    expect(silence.mayAsk(host, 2_000)).toBe(true);
  });

  it('[CL-P-13] do not take its answer for being heard, but what comes after', () => {
    silence.asked(host, 1_000);
    silence.answered(host, false, 1_200);
    table.heard(host, 1_200);
    expect(silence.mayAsk(host, 2_000)).toBe(false);
    table.heard(host, 1_201);
    expect(silence.mayAsk(host, 2_000)).toBe(true);
  });

  it('[CL-P-13] let it be followed to another relay once in 30 s', () => {
    silence.followed(host, 1_000);
    expect(silence.mayFollow(host, 30_999)).toBe(false);
    expect(silence.mayFollow(host, 31_000)).toBe(true);
  });

  it('[CL-P-13] let it move on early eight times in a row, and then once in 30 s', () => {
    const moves = Array.from({ length: 10 }, () => mayMoveOn(1_000));
    expect(moves).toEqual([...Array.from({ length: 8 }, () => true), false, false]);
    expect([mayMoveOn(30_999), mayMoveOn(31_000), mayMoveOn(31_000)]).toEqual([false, true, false]);
  });

  it('[CL-P-13] count a test as early within 30 s of the last one, and not after', () => {
    for (const [spacingMs, early] of [
      [29_999, 1],
      [30_000, 0],
    ] as const) {
      const start = 1_000_000 + spacingMs;
      silence = new Silence(table);
      silence.asked(host, start - spacingMs);
      silence.asked(host, start);
      const moves = Array.from({ length: 9 }, () => mayMoveOn(start));
      expect(moves.filter((isAllowed) => isAllowed)).toHaveLength(8 - early);
    }
  });
});
