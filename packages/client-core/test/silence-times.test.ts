import { seededRandom } from '@navalis/engine/testing';
import { PeerTable } from '@navalis/traversal';
import { describe, expect, it } from 'vitest';
import { Silence } from '../src/silence.ts';
import { native } from './world.ts';

/** A native host that the client knows, and the times of its silence. */
class SilentHost {
  readonly table: PeerTable = new PeerTable({ capacity: 1 }, seededRandom(1));
  readonly silence: Silence = new Silence(this.table);
  readonly host: number = this.table.insert(native, 'solicited', 0);

  /** The host moves to another relay, where it was just followed. Returns true if it may be followed to a next one at once. */
  mayMoveOn(now: number): boolean {
    this.silence.followed(this.host, now);
    this.silence.answered(this.host, true, now);
    return this.silence.mayFollow(this.host, now);
  }
}

describe('the times of silence of a native host', () => {
  it('[CL-P-13] let it be asked 30 s after it was asked last, and not earlier', () => {
    const { silence, host } = new SilentHost();
    silence.asked(host, 1_000);
    expect(silence.mayAsk(host, 30_999)).toBe(false);
    expect(silence.mayAsk(host, 31_000)).toBe(true);
  });

  it('[CL-P-13] let it be asked early once it was heard after it was asked, not at the same time', () => {
    const { table, silence, host } = new SilentHost();
    silence.asked(host, 1_000);
    table.heard(host, 1_000);
    expect(silence.mayAsk(host, 2_000)).toBe(false);
    table.heard(host, 1_001);
    expect(silence.mayAsk(host, 2_000)).toBe(true);
  });

  it('[CL-P-13] do not take its answer for being heard, but what comes after', () => {
    const { table, silence, host } = new SilentHost();
    silence.asked(host, 1_000);
    silence.answered(host, false, 1_200);
    table.heard(host, 1_200);
    expect(silence.mayAsk(host, 2_000)).toBe(false);
    table.heard(host, 1_201);
    expect(silence.mayAsk(host, 2_000)).toBe(true);
  });

  it('[CL-P-13] let it be followed to another relay once in 30 s', () => {
    const { silence, host } = new SilentHost();
    silence.followed(host, 1_000);
    expect(silence.mayFollow(host, 30_999)).toBe(false);
    expect(silence.mayFollow(host, 31_000)).toBe(true);
  });

  it('[CL-P-13] let it move on early eight times in a row, and then once in 30 s', () => {
    const known = new SilentHost();
    const moves = Array.from({ length: 10 }, () => known.mayMoveOn(1_000));
    expect(moves).toEqual([...Array.from({ length: 8 }, () => true), false, false]);
    expect([known.mayMoveOn(30_999), known.mayMoveOn(31_000), known.mayMoveOn(31_000)]).toEqual([false, true, false]);
  });

  it('[CL-P-13] count a test as early within 30 s of the last one, and not after', () => {
    for (const [spacingMs, early] of [
      [29_999, 1],
      [30_000, 0],
    ] as const) {
      const start = 1_000_000 + spacingMs;
      const known = new SilentHost();
      const { silence, host } = known;
      silence.asked(host, start - spacingMs);
      silence.asked(host, start);
      const moves = Array.from({ length: 9 }, () => known.mayMoveOn(start));
      expect(moves.filter((isAllowed) => isAllowed)).toHaveLength(8 - early);
    }
  });
});
