import { describe, expect, it } from 'vitest';
import { BubbleBudget } from '../src/bubble-budget.ts';
import { type PeerIndex, ReplyLimits } from '../src/index.ts';
import { insertPeer, tableOf } from './peers.ts';

function takeOften(limits: ReplyLimits, peer: PeerIndex, times: number, now: number): number {
  return Array.from({ length: times }, () => limits.take(peer, now)).filter(Boolean).length;
}

describe('windows of the limits on replies', () => {
  it('[CL-B-09] the 2 s begin with the first reply, not with a later one', () => {
    const table = tableOf(2);
    const limits = new ReplyLimits(table);
    const peer = insertPeer(table, 1);
    expect([takeOften(limits, peer, 1, 10_000), takeOften(limits, peer, 9, 11_500)]).toEqual([1, 3]);
    expect(takeOften(limits, peer, 9, 12_000)).toBe(4);
  });

  it('[CL-B-09] the 300 s begin with the first reply and leave room for twenty each time', () => {
    const table = tableOf(2);
    const limits = new ReplyLimits(table);
    const peer = insertPeer(table, 1);
    for (const start of [1_000_000, 1_300_000]) {
      const taken = [0, 2000, 4000, 6000, 8000, 10_000].map((after) =>
        takeOften(limits, peer, after === 0 ? 1 : 9, start + after),
      );
      expect(taken).toEqual([1, 4, 4, 4, 4, 3]);
      expect(takeOften(limits, peer, 1, start + 299_999)).toBe(0);
    }
  });

  it('[CL-B-09] the second over all peers begins with its first reply', () => {
    const table = tableOf(200);
    const limits = new ReplyLimits(table);
    const peers = Array.from({ length: 200 }, (_, number) => insertPeer(table, number));
    const total = (from: number, now: number) => peers.slice(from).filter((peer) => limits.take(peer, now)).length;
    expect([total(199, 10_000), total(0, 10_900), total(0, 10_999)]).toEqual([1, 99, 0]);
    expect(total(100, 11_000)).toBe(100);
  });

  it('[CL-B-09] each peer of a full table has its own, and a new peer in the place of an old one, too', () => {
    const table = tableOf(2);
    const limits = new ReplyLimits(table);
    const [first, second] = [insertPeer(table, 1), insertPeer(table, 2)];
    for (const at of [10_000, 12_000, 14_000, 16_000, 18_000]) {
      expect([takeOften(limits, first, 9, at), takeOften(limits, second, 9, at)]).toEqual([4, 4]);
    }
    table.remove(first);
    const third = insertPeer(table, 3);
    expect([19_000, 21_000, 23_000, 25_000, 27_000].map((at) => takeOften(limits, third, 9, at))).toEqual([
      4, 4, 4, 4, 4,
    ]);
    expect([second, third].map((peer) => takeOften(limits, peer, 9, 29_000))).toEqual([0, 0]);
  });
});

describe('budgets of several peers', () => {
  it('[CL-B-08] each peer of a full table has its own history', () => {
    const table = tableOf(3);
    const budget = new BubbleBudget(table);
    const peers = [1, 2, 3].map((number) => insertPeer(table, number));
    for (const burst of [0, 1, 2, 3]) {
      for (const [index, peer] of peers.entries()) budget.record(peer, 10_000 * index + 2000 * burst);
    }
    expect(peers.map((peer) => budget.count(peer))).toEqual([4, 4, 4]);
    expect(peers.map((peer) => budget.isSpent(peer, 310_000))).toEqual([false, false, true]);
    expect(peers.map((peer) => budget.isOver(peer, 315_999))).toEqual([true, false, false]);
    expect(peers.map((peer) => budget.isOver(peer, 316_000))).toEqual([true, true, false]);
  });
});
