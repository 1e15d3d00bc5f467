import { describe, expect, it } from 'vitest';
import { BubbleBudget } from '../src/bubble-budget.ts';
import { insertPeer, tableOf } from './peers.ts';

/** Budgets of four peers that fill their table; nothing was sent to them for long. */
function budgets() {
  const table = tableOf(4);
  const budget = new BubbleBudget(table);
  return { table, budget, peers: [1, 2, 3, 4].map((number) => insertPeer(table, number)) };
}

describe('the budget of bubbles', () => {
  it('[CL-B-07][CL-B-08] is four bursts in 300 s, 2 s apart, for each peer of a full table', () => {
    const { budget, peers } = budgets();
    for (const peer of peers) {
      for (let burst = 0; burst < 4; burst++) {
        const at = 100_000 * peer + 2_000 * burst;
        expect([budget.allows(peer, at), budget.count(peer)]).toEqual([true, burst]);
        budget.record(peer, at);
        expect(budget.allows(peer, at + 1_999)).toBe(false);
      }
    }
    for (const peer of peers) {
      const start = 100_000 * peer;
      expect([budget.isSpent(peer, start + 299_999), budget.isSpent(peer, start + 300_000)]).toEqual([true, false]);
      expect([budget.isOver(peer, start + 305_999), budget.isOver(peer, start + 306_000)]).toEqual([false, true]);
      expect([budget.allows(peer, start + 299_999), budget.allows(peer, start + 300_000)]).toEqual([false, true]);
    }
  });

  it('[CL-B-08] gives a burst back for each one that is 300 s ago', () => {
    const { budget, peers } = budgets();
    const peer = peers[2]!;
    for (let burst = 0; burst < 6; burst++) {
      const at = burst < 4 ? 10_000 * burst : 300_000 + 10_000 * (burst - 4);
      expect(budget.allows(peer, at)).toBe(true);
      budget.record(peer, at);
    }
    expect([budget.allows(peer, 319_999), budget.allows(peer, 320_000), budget.count(peer)]).toEqual([false, true, 4]);
  });

  it('[SNS-18] lets bubbles of the peer cause bursts for 8 s after the first, and again after 300 s', () => {
    const { budget, peers } = budgets();
    const peer = peers[3]!;
    expect(budget.allowsInvitation(peer, 0)).toBe(true);
    budget.record(peer, 0);
    expect([1_999, 2_000, 7_999, 8_000, 299_999, 300_000].map((at) => budget.allowsInvitation(peer, at))).toEqual([
      false,
      true,
      true,
      false,
      false,
      true,
    ]);
    // Those 8 s begin with the first burst, and later with the first one after 300 s.
    budget.record(peer, 6_000);
    expect([budget.allowsInvitation(peer, 8_000), budget.allowsInvitation(peer, 10_000)]).toEqual([false, false]);
    budget.record(peer, 300_000);
    expect([budget.allowsInvitation(peer, 307_999), budget.allowsInvitation(peer, 308_000)]).toEqual([true, false]);
  });

  it('[SNS-18] counts those 8 s from the first burst after a direct response', () => {
    const { budget, peers } = budgets();
    budget.record(peers[0]!, 0);
    budget.clear(peers[0]!);
    budget.record(peers[0]!, 100_000);
    expect([107_999, 108_000].map((at) => budget.allowsInvitation(peers[0]!, at))).toEqual([true, false]);
    for (const at of [200_000, 206_000]) budget.record(peers[1]!, at);
    expect(budget.allowsInvitation(peers[1]!, 208_000)).toBe(false);
  });

  it('[CL-P-09] is whole after a direct response, and for the next peer in the row', () => {
    const { table, budget, peers } = budgets();
    for (const peer of peers) for (let burst = 0; burst < 4; burst++) budget.record(peer, 10_000 * burst);
    budget.clear(peers[0]!);
    table.remove(peers[3]!);
    expect(
      peers.map((peer) => [budget.count(peer), budget.isOver(peer, 40_000), budget.isSpent(peer, 40_000)]),
    ).toEqual([
      [0, true, false],
      [4, false, true],
      [4, false, true],
      [0, true, false],
    ]);
    expect(budget.allowsInvitation(peers[0]!, 40_000)).toBe(true);
  });
});
