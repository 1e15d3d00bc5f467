import {
  type PeerPathKind,
  type PeerReason,
  type PeerState,
  peerColumnCount,
  peerColumns,
  peerPathKinds,
  peerReasons,
  peerStates,
} from '@navalis/engine';
import { describe, expect, it } from 'vitest';
import { noPeer, type PeerIndex, TraversalPeerRows } from '../src/index.ts';
import { Bench, elsewhere, mapped, native, teredo, teredoAddress } from './bench.ts';
import { runOf } from './peers.ts';

interface Row {
  readonly state: PeerState;
  readonly reason: PeerReason | undefined;
  readonly path: PeerPathKind | undefined;
  readonly at: (column: keyof typeof peerColumns) => number;
}

function rowOf(bench: Bench, peer: PeerIndex, now: number): Row {
  const columns = new Float64Array(peerColumnCount);
  new TraversalPeerRows(bench.traversal).read(peer, columns, 0, now);
  const behind = new Float64Array(2 * peerColumnCount);
  new TraversalPeerRows(bench.traversal).read(peer, behind, peerColumnCount, now);
  expect(behind).toEqual(Float64Array.from([...new Array(peerColumnCount).fill(0), ...columns]));
  const at = (column: keyof typeof peerColumns): number => columns[peerColumns[column]]!;
  return {
    at,
    state: peerStates[at('state')]!,
    reason: peerReasons[at('reason')],
    path: peerPathKinds[at('path')],
  };
}

describe('the row of a peer', () => {
  it('is trying, then established with its path and round trip, then silent', () => {
    const bench = new Bench();
    const peer = bench.traversal.table.insert(teredo, 'solicited', 100);
    bench.traversal.enqueue(peer, runOf(1, 60));
    bench.traversal.burst(peer, 100);
    const trying = rowOf(bench, peer, 100);
    expect([trying.state, trying.reason, trying.path]).toEqual(['trying', undefined, undefined]);
    expect([trying.at('heardAt'), trying.at('roundTripMs'), trying.at('endpointPort')]).toEqual([
      Number.NaN,
      Number.NaN,
      Number.NaN,
    ]);
    expect(trying.at('since')).toBe(100);
    expect(trying.at('reason')).toBeNaN();
    expect(['word0', 'word1', 'word2', 'word3'].map((word) => trying.at(word as keyof typeof peerColumns))).toEqual([
      teredo.word0,
      teredo.word1,
      teredo.word2,
      teredo.word3,
    ]);
    const { table } = bench.traversal;
    const rows = new TraversalPeerRows(bench.traversal);
    expect([rows.find(teredo), rows.find(native)]).toEqual([peer, noPeer]);
    table.heard(peer, 100);
    expect(rowOf(bench, peer, 100).at('heardAt')).toBe(100);
    bench.prove(peer, mapped, false, 135);
    bench.traversal.hear(peer, 135, true);
    const established = rowOf(bench, peer, 140);
    expect([established.state, established.reason, established.path]).toEqual(['established', undefined, 'direct']);
    expect([established.at('endpointAddress'), established.at('endpointPort')]).toEqual([mapped.address, mapped.port]);
    expect([established.at('heardAt'), established.at('roundTripMs')]).toEqual([135, 35]);
    const silent = rowOf(bench, peer, 30_135);
    expect([silent.state, silent.reason]).toEqual(['established', 'silent']);
  });

  it('counts data each way, queued packets when they leave, and begins again with the next peer', () => {
    const bench = new Bench({ peerCapacity: 1 });
    const peer = bench.insert();
    bench.traversal.enqueue(peer, runOf(1, 60));
    bench.traversal.burst(peer, 0);
    expect(rowOf(bench, peer, 0).at('sentPackets')).toBe(0);
    bench.prove(peer, mapped, false, 5);
    bench.traversal.hear(peer, 5, true);
    const run = { ...runOf(2, 100), count: 3, lastPacketLength: 40 };
    bench.traversal.send(peer, run, 6);
    bench.traversal.table.traffic.recordReceived(peer, run);
    const row = rowOf(bench, peer, 7);
    expect([row.at('sentPackets'), row.at('sentOctets')]).toEqual([4, 300]);
    expect([row.at('receivedPackets'), row.at('receivedOctets')]).toEqual([3, 240]);
    const next = bench.traversal.table.insert(teredoAddress(5000), 'solicited', 9);
    expect(next).toBe(peer);
    const fresh = rowOf(bench, next, 9);
    expect([fresh.at('sentPackets'), fresh.at('receivedOctets'), fresh.at('since')]).toEqual([0, 0, 9]);
    expect(fresh.at('roundTripMs')).toBeNaN();
  });

  it('does not tell a round trip when several bursts left before the answer', () => {
    const bench = new Bench();
    const peer = bench.insert();
    bench.traversal.burst(peer, 0);
    bench.runTo(2000);
    bench.prove(peer, mapped, false, 2010);
    bench.traversal.hear(peer, 2010, true);
    expect(rowOf(bench, peer, 2010).at('roundTripMs')).toBeNaN();
  });

  it('[CL-P-13] does not tell a round trip when what began the attempt was repeated early: three times, 0.3 s apart', () => {
    const bench = new Bench();
    const peer = bench.insert();
    const { traversal } = bench;
    traversal.attempts.repeat(peer);
    expect(traversal.attempts.mayRepeat(peer, 0)).toBe(false);
    traversal.expectAnswer(peer, 0);
    for (const due of [300, 600, 900]) {
      expect([traversal.attempts.mayRepeat(peer, due - 1), traversal.attempts.mayRepeat(peer, due)]).toEqual([
        false,
        true,
      ]);
      traversal.attempts.repeat(peer);
    }
    traversal.attempts.repeat(peer);
    expect(traversal.attempts.mayRepeat(peer, 1999)).toBe(false);
    bench.prove(peer, mapped, false, 1500);
    traversal.hear(peer, 1500, true);
    expect(rowOf(bench, peer, 1500).at('roundTripMs')).toBeNaN();
    // The next attempt counts its own.
    traversal.expectAnswer(peer, 2000);
    traversal.hear(peer, 2040, true);
    expect(rowOf(bench, peer, 2040).at('roundTripMs')).toBe(40);
  });

  it('is failed for a peer that did not answer, that the limits hold back, or that proved nothing', () => {
    const bench = new Bench();
    const { table } = bench.traversal;
    const peer = table.insert(native, 'solicited', 0);
    bench.traversal.burst(peer, 0);
    bench.runTo(8000);
    expect(rowOf(bench, peer, 8000)).toMatchObject({ state: 'failed', reason: 'no-answer' });
    const held = bench.insert();
    bench.traversal.burst(held, 0);
    bench.runTo(8000);
    expect(rowOf(bench, held, 8000)).toMatchObject({ state: 'failed', reason: 'bubble-limit' });
    const visitor = table.insert(teredoAddress(5001), 'unsolicited', 0);
    expect(rowOf(bench, visitor, 8000)).toMatchObject({ state: 'failed', reason: 'not-proven' });
  });

  it('stays trying while a peer that was trusted is asked again', () => {
    const bench = new Bench();
    const peer = bench.meet(0);
    expect(rowOf(bench, peer, 0)).toMatchObject({ state: 'established' });
    bench.traversal.burst(peer, 40_000);
    expect(rowOf(bench, peer, 40_000)).toMatchObject({ state: 'trying' });
    expect(rowOf(bench, peer, 40_000).at('endpointPort')).not.toBe(elsewhere.port);
  });

  it('is sorted by time heard, octets and age', () => {
    const bench = new Bench();
    const { table } = bench.traversal;
    const [older, newer] = [table.insert(teredo, 'solicited', 1), table.insert(native, 'solicited', 2)];
    table.heard(older, 50);
    bench.traversal.send(newer, runOf(1, 60), 3);
    table.traffic.recordReceived(older, runOf(1, 70));
    const rows = new TraversalPeerRows(bench.traversal);
    expect([rows.count, rows.highestRow, rows.isInUse(older), rows.isInUse(newer + 1)]).toEqual([2, 2, true, false]);
    expect(rows.keyOf(older, 'heard')).toBeGreaterThan(rows.keyOf(newer, 'heard'));
    expect(rows.keyOf(newer, 'sent')).toBeGreaterThan(rows.keyOf(older, 'sent'));
    expect(rows.keyOf(older, 'received')).toBeGreaterThan(rows.keyOf(newer, 'received'));
    expect(rows.keyOf(older, 'age')).toBeGreaterThan(rows.keyOf(newer, 'age'));
    expect([rows.keyOf(older, 'received'), rows.keyOf(older, 'age')]).toEqual([70, -1]);
  });
});
