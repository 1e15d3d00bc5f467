import { describe, expect, it } from 'vitest';
import { Attempts } from '../src/attempts/attempts.ts';
import { BubbleBudget } from '../src/bubble-budget.ts';
import { noPeer, ReplyLimits } from '../src/index.ts';
import { insertPeer, tableOf } from './peers.ts';

describe('attempts to reach a peer', () => {
  it('[CL-T-10][RL-T-08] are due 2 s after each burst and spent with the fourth', () => {
    const table = tableOf(4);
    const attempts = new Attempts(table);
    const peer = insertPeer(table, 1);
    for (let burst = 0; burst < 4; burst++) {
      expect(attempts.isSpent(peer)).toBe(false);
      attempts.burst(peer, 2000 * burst);
      expect(attempts.due(2000 * burst + 1999)).toBe(noPeer);
      expect(attempts.due(2000 * burst + 2000)).toBe(peer);
    }
    expect(attempts.isSpent(peer)).toBe(true);
    attempts.end(peer);
    expect([attempts.isRunning(peer), attempts.nextDeadline()]).toEqual([false, Number.POSITIVE_INFINITY]);
  });

  it('[CL-T-10] are ordered by their deadlines and end with their peer', () => {
    const table = tableOf(4);
    const attempts = new Attempts(table);
    const [first, second] = [insertPeer(table, 1), insertPeer(table, 2)];
    attempts.burst(first, 0);
    attempts.burst(second, 500);
    expect(attempts.nextDeadline()).toBe(2000);
    attempts.burst(first, 2000);
    expect(attempts.nextDeadline()).toBe(2500);
    table.remove(second);
    expect(attempts.due(5000)).toBe(first);
    expect(attempts.nextDeadline()).toBe(4000);
  });

  it('[CL-T-10] each peer of a full table has its own, and ending one that does not run changes nothing', () => {
    const table = tableOf(3);
    const attempts = new Attempts(table);
    const peers = [1, 2, 3].map((number) => insertPeer(table, number));
    attempts.burst(peers[0]!, 0);
    attempts.end(peers[2]!);
    expect(attempts.due(2000)).toBe(peers[0]);
    attempts.end(peers[0]!);
    for (const [index, peer] of peers.entries()) for (let burst = 0; burst <= index; burst++) attempts.burst(peer, 0);
    expect(peers.map((peer) => attempts.bursts(peer))).toEqual([1, 2, 3]);
    attempts.end(peers[0]!);
    attempts.end(peers[0]!);
    expect([attempts.bursts(peers[0]!), attempts.due(2000)]).toEqual([0, peers[1]]);
    attempts.end(peers[1]!);
    expect([attempts.due(1999), attempts.due(2000), attempts.nextDeadline()]).toEqual([noPeer, peers[2], 2000]);
  });
});

describe('the repetition of a first burst', () => {
  it('[CL-P-13] may leave 0.3, 0.6 and 0.9 s after it, and ends with the second one', () => {
    const table = tableOf(4);
    const attempts = new Attempts(table);
    const peer = insertPeer(table, 1);
    expect(attempts.mayRepeat(peer, 10_000)).toBe(false);
    attempts.repeat(peer);
    attempts.burst(peer, 10_000);
    for (const wait of [300, 600, 900]) {
      expect([attempts.mayRepeat(peer, 9_999 + wait), attempts.mayRepeat(peer, 10_000 + wait)]).toEqual([false, true]);
      attempts.repeat(peer);
    }
    expect(attempts.mayRepeat(peer, 11_999)).toBe(false);
    attempts.end(peer);
    attempts.burst(peer, 20_000);
    expect(attempts.mayRepeat(peer, 20_300)).toBe(true);
    attempts.burst(peer, 22_000);
    expect(attempts.mayRepeat(peer, 23_000)).toBe(false);
    const last = [2, 3, 4].map((number) => insertPeer(table, number)).at(-1)!;
    attempts.burst(last, 0);
    attempts.repeat(last);
    expect([attempts.mayRepeat(last, 599), attempts.mayRepeat(last, 600)]).toEqual([false, true]);
  });
});

describe('the budget for bubbles', () => {
  it('[CL-B-07] none within 2 s of the last transmission, data or bubble', () => {
    const table = tableOf(4);
    const budget = new BubbleBudget(table);
    const peer = insertPeer(table, 1);
    expect(budget.allows(peer, 0)).toBe(true);
    table.sent(peer, 10_000);
    expect(budget.allows(peer, 11_999)).toBe(false);
    expect(budget.allows(peer, 12_000)).toBe(true);
  });

  it('[CL-B-05][CL-B-06][CL-P-08] a burst counts as one bubble and as a transmission', () => {
    const table = tableOf(4);
    const budget = new BubbleBudget(table);
    const peer = insertPeer(table, 1);
    budget.record(peer, 5000);
    expect([budget.count(peer), table.lastTransmission(peer)]).toEqual([1, 5000]);
  });

  it('[CL-B-08][CL-B-13] the fifth waits until the first is 300 s old, the sixth for the second', () => {
    const table = tableOf(4);
    const budget = new BubbleBudget(table);
    const peer = insertPeer(table, 1);
    for (const at of [0, 2000, 4000, 60_000]) {
      expect(budget.isSpent(peer, at)).toBe(false);
      budget.record(peer, at);
    }
    expect(budget.isSpent(peer, 299_999)).toBe(true);
    expect(budget.isSpent(peer, 300_000)).toBe(false);
    budget.record(peer, 300_000);
    expect(budget.isSpent(peer, 301_999)).toBe(true);
    expect(budget.isSpent(peer, 302_000)).toBe(false);
  });

  it('[CL-P-09] a direct response clears the history', () => {
    const table = tableOf(4);
    const budget = new BubbleBudget(table);
    const peer = insertPeer(table, 1);
    for (const at of [0, 2000, 4000, 6000]) budget.record(peer, at);
    budget.clear(peer);
    expect(budget.allows(peer, 8000)).toBe(true);
  });

  it('[RL-T-21] the history is over 300 s after the newest bubble, or with an answer', () => {
    const table = tableOf(4);
    const budget = new BubbleBudget(table);
    const peer = insertPeer(table, 1);
    expect(budget.isOver(peer, 0)).toBe(true);
    // Five times, so that the ring has come round.
    for (const at of [0, 2000, 4000, 6000, 300_000]) {
      budget.record(peer, at);
      expect(budget.isOver(peer, at + 299_999)).toBe(false);
      expect(budget.isOver(peer, at + 300_000)).toBe(true);
    }
    budget.clear(peer);
    expect(budget.isOver(peer, 300_001)).toBe(true);
  });

  it('[CL-B-08] a new peer in the place of an old one has its own', () => {
    const table = tableOf(1);
    const budget = new BubbleBudget(table);
    const old = insertPeer(table, 1);
    for (const at of [0, 2000, 4000, 6000]) budget.record(old, at);
    expect(budget.allows(insertPeer(table, 2, 'solicited', 6000), 6000)).toBe(true);
  });
});

describe('limits on replies', () => {
  const takeOften = (limits: ReplyLimits, peer: number, times: number, now: number) =>
    Array.from({ length: times }, () => limits.take(peer, now)).filter(Boolean).length;

  it('[CL-B-09] four to a peer in 2 s, twenty in 300 s', () => {
    const table = tableOf(4);
    const limits = new ReplyLimits(table);
    const peer = insertPeer(table, 1);
    expect(takeOften(limits, peer, 9, 1000)).toBe(4);
    expect(takeOften(limits, peer, 9, 2999)).toBe(0);
    for (const at of [3000, 5000, 7000, 9000]) expect(takeOften(limits, peer, 9, at)).toBe(4);
    expect(takeOften(limits, peer, 9, 300_999)).toBe(0);
    expect(takeOften(limits, peer, 9, 301_000)).toBe(4);
  });

  it('[CL-B-09] a hundred in a second over all peers', () => {
    const table = tableOf(64);
    const limits = new ReplyLimits(table);
    const peers = Array.from({ length: 60 }, (_, number) => insertPeer(table, number));
    const total = (now: number) => peers.reduce((sum, peer) => sum + takeOften(limits, peer, 2, now), 0);
    expect(total(0)).toBe(100);
    expect(total(999)).toBe(0);
    expect(total(1000)).toBe(100);
  });
});

describe('bubbles that no known server passed on', () => {
  /** Limits on answers to many peers, of which one is given. */
  const limitsOf = () => {
    const table = tableOf(60);
    return {
      limits: new ReplyLimits(table),
      peers: Array.from({ length: 60 }, (_, number) => insertPeer(table, number)),
    };
  };

  it('[CL-B-09] get less than half of all answers: two in 2 s for one peer', () => {
    const { limits, peers } = limitsOf();
    const [peer, other] = peers as [number, number];
    const spare = [0, 0, 1_999, 2_000].map((now) => {
      const had = limits.hasSpare(peer, now);
      limits.take(peer, now);
      return had;
    });
    expect(spare).toEqual([true, true, false, true]);
    expect(limits.hasSpare(other, 2_000)).toBe(true);
  });

  it('[CL-B-09] get less than half of all answers: ten in 300 s for one peer', () => {
    const { limits, peers } = limitsOf();
    const spare = Array.from({ length: 12 }, (_, turn) => {
      const had = limits.hasSpare(peers[0]!, 3_000 * turn);
      limits.take(peers[0]!, 3_000 * turn);
      return had;
    });
    expect(spare).toEqual([...new Array(10).fill(true), false, false]);
    expect([limits.hasSpare(peers[0]!, 299_999), limits.hasSpare(peers[0]!, 300_000)]).toEqual([false, true]);
  });

  it('[CL-B-09] get less than half of all answers: fifty in a second for all peers', () => {
    const { limits, peers } = limitsOf();
    const spare = peers.map((peer) => {
      const had = limits.hasSpare(peer, 0);
      limits.take(peer, 0);
      return had;
    });
    expect(spare).toEqual([...new Array(50).fill(true), ...new Array(10).fill(false)]);
    expect(peers.map((peer) => limits.hasSpare(peer, 1_000))).toEqual(new Array(60).fill(true));
  });
});
