import { ipv6EqualsAt, parseIpv4 } from '@navalis/address';
import { createDatagramRun } from '@navalis/engine';
import { describe, expect, it } from 'vitest';
import { noPeer, type PeerIndex, pathKinds } from '../src/index.ts';
import {
  Bench,
  direct,
  elsewhere,
  indirect,
  mapped,
  native,
  onLink,
  own,
  router,
  teredo,
  teredoAddress,
} from './bench.ts';
import { runOf } from './peers.ts';

describe('a full table', () => {
  it('[CL-P-05] counts the packets that waited for a peer that it removes', () => {
    const bench = new Bench({ peerCapacity: 1 });
    const peer = bench.insert();
    for (const tag of [1, 2]) bench.traversal.enqueue(peer, runOf(tag));
    bench.traversal.burst(peer, 0);
    bench.insert(teredoAddress(4097));
    expect(bench.counters.snapshot().drops).toEqual({ 'peer-table-full': 2 });
  });

  it('[CL-P-11] is not to blame for the packets that wait while all peers are forgotten', () => {
    const bench = new Bench();
    bench.traversal.enqueue(bench.insert(), runOf(1));
    expect(bench.traversal.clear()).toBe(1);
    expect(bench.counters.snapshot().drops).toEqual({});
    bench.traversal.enqueue(bench.insert(), runOf(2));
    expect(bench.traversal.clear()).toBe(1);
  });
});

describe('a burst', () => {
  it('[RL-T-14] is a bubble to the embedded endpoint and one to the server, from the source that the role names', () => {
    const bench = new Bench();
    bench.traversal.burst(bench.insert(), 0);
    const [first, second] = bench.outputs.datagrams;
    expect(bench.sent()).toEqual([direct, indirect]);
    expect(first!.payload).toEqual(second!.payload);
    expect([first!.payload.length, first!.payload[6], first!.payload[7]]).toEqual([40, 59, 255]);
    expect([ipv6EqualsAt(first!.payload, 8, own), ipv6EqualsAt(first!.payload, 24, teredo)]).toEqual([true, true]);
    expect(bench.counters.snapshot().bubblesSent).toBe(2);
  });

  it('[RL-T-14] is repeated at 2, 4 and 6 s; the attempt fails at 8 s', () => {
    const bench = new Bench();
    const peer = bench.insert();
    bench.traversal.burst(peer, 0);
    bench.sent();
    expect(bench.traversal.isRunning(peer)).toBe(true);
    expect(bench.runTo(60_000)).toEqual({
      2000: [direct, indirect],
      4000: [direct, indirect],
      6000: [direct, indirect],
      8000: [],
    });
    expect(bench.failed).toEqual([`${peer} 8000 after 0 errors`]);
    expect(bench.traversal.isRunning(peer)).toBe(false);
  });

  it('[RL-T-23] is one bubble at the start of each attempt where the role says so', () => {
    const bench = new Bench();
    bench.traversal.startsIndirectly = true;
    bench.traversal.burst(bench.insert(), 0);
    expect(bench.sent()).toEqual([indirect]);
    expect(bench.runTo(2000)).toEqual({ 2000: [direct, indirect] });
  });

  it('[RL-T-17] is skipped without an error while the limits forbid it', () => {
    const bench = new Bench();
    const peer = bench.insert();
    bench.traversal.table.sent(peer, 0);
    bench.traversal.burst(peer, 1999);
    expect([bench.sent(), bench.traversal.isRunning(peer)]).toEqual([[], true]);
    expect(bench.runTo(4000)).toEqual({ 3999: [direct, indirect] });
  });

  it('[SEC-05a] counts no bubble that the gate refuses', () => {
    const bench = new Bench();
    const peer = bench.insert({ ...teredo, word1: parseIpv4('10.0.0.1')! });
    bench.traversal.burst(peer, 0);
    expect(bench.sent()).toEqual([direct]);
    expect(bench.counters.snapshot().bubblesSent).toBe(1);
  });

  it('[CL-I-01] to a native host is sent by the role, by number', () => {
    const bench = new Bench();
    const peer = bench.insert(native);
    bench.traversal.burst(peer, 0);
    bench.runTo(60_000);
    expect(bench.tests).toEqual([0, 1, 2, 3].map((burst) => `${peer} ${burst + 1} ${burst * 2000}`));
    expect([bench.sent(), bench.failed]).toEqual([[], [`${peer} 8000 after 0 errors`]]);
  });

  it('[CL-T-05] that the role itself sent gets the same time for its answer', () => {
    const bench = new Bench();
    const peer = bench.insert();
    bench.traversal.expectAnswer(peer, 0);
    expect([bench.sent(), bench.traversal.isRunning(peer)]).toEqual([[], true]);
    expect(bench.runTo(2000)).toEqual({ 2000: [direct, indirect] });
  });
});

describe('the limits', () => {
  it('[CL-B-13] make an attempt futile after four bursts without an answer', () => {
    const bench = new Bench();
    const peer = bench.insert();
    const futile = [0, 2000, 4000, 6000].map((now) => {
      bench.traversal.sendBubble(peer, mapped.address, mapped.port, now);
      return bench.traversal.isFutile(peer, now);
    });
    expect([futile, bench.sent()]).toEqual([
      [false, false, false, true],
      [direct, direct, direct, direct],
    ]);
    expect([299_999, 300_000].map((now) => bench.traversal.isFutile(peer, now))).toEqual([true, false]);
  });

  it('[CL-B-08] allow a single bubble 2 s after the last transmission', () => {
    const bench = new Bench();
    const peer = bench.insert();
    bench.traversal.sendBubble(peer, elsewhere.address, elsewhere.port, 0);
    const { payload } = bench.outputs.datagrams[0]!;
    expect([ipv6EqualsAt(payload, 8, own), ipv6EqualsAt(payload, 24, teredo)]).toEqual([true, true]);
    expect(bench.sent()).toEqual(['198.51.100.7:77']);
    expect([1999, 2000].map((now) => bench.traversal.mayBubble(peer, now))).toEqual([false, true]);
  });

  it.each([
    { failsWithBudget: true, expected: [8000] },
    { failsWithBudget: false, expected: [8000, 10_000, 12_000, 14_000] },
  ])(
    '[RL-T-09][RL-T-17] end an attempt that they leave no bubbles: $failsWithBudget',
    ({ failsWithBudget, expected }) => {
      const bench = new Bench({ failsWithBudget });
      const peer = bench.insert();
      for (const now of [0, 2000, 4000]) bench.traversal.sendBubble(peer, mapped.address, mapped.port, now);
      bench.traversal.burst(peer, 6000);
      expect(bench.sent()).toEqual([direct, direct, direct, direct, indirect]);
      expect(bench.runTo(60_000)).toEqual(Object.fromEntries(expected.map((now) => [now, []])));
      expect(bench.failed).toEqual([`${peer} ${expected.at(-1)} after 0 errors`]);
    },
  );

  it('[RL-T-22] are not used up where no packet waits', () => {
    const bench = new Bench({ burstsWithoutPackets: 2 });
    const peer = bench.insert();
    const wanted = bench.insert(teredoAddress(4097));
    bench.traversal.burst(peer, 0);
    bench.traversal.burst(wanted, 1000);
    bench.traversal.enqueue(wanted, runOf(1));
    bench.sent();
    expect(Object.keys(bench.runTo(60_000)).map(Number)).toEqual([2000, 3000, 4000, 5000, 7000, 9000]);
    expect([bench.failed, bench.traversal.isRunning(peer)]).toEqual([[`${wanted} 9000 after 0 errors`], false]);
  });

  it('[CL-P-13] let one burst leave without an attempt, while none is unanswered', () => {
    const bench = new Bench();
    bench.traversal.startsIndirectly = true;
    const peer = bench.insert();
    bench.traversal.table.sent(peer, 0);
    const probe = (now: number) => [bench.traversal.probe(peer, now), bench.sent()];
    expect(probe(1999)).toEqual([false, []]);
    expect(probe(2000)).toEqual([true, [direct, indirect]]);
    expect(probe(100_000)).toEqual([false, []]);
    expect([bench.traversal.isRunning(peer), bench.traversal.nextDeadline()]).toEqual([false, Infinity]);
    bench.traversal.hear(peer, 100_000);
    expect(probe(100_000)).toEqual([true, [direct, indirect]]);
  });
});

describe('a datagram', () => {
  it.each([
    { what: 'from the embedded endpoint', address: teredo, from: mapped, proves: true },
    { what: 'from another port', address: teredo, from: { ...mapped, port: 4097 }, proves: false },
    { what: 'from another address', address: teredo, from: { ...mapped, address: mapped.address + 1 }, proves: false },
    {
      what: 'of a native host that has the same last words',
      address: { ...teredo, word0: 0x20010db8 },
      from: mapped,
      proves: false,
    },
    { what: 'from where the peer announced itself', address: teredo, from: onLink, proves: true },
    { what: 'from another port of that host', address: teredo, from: { ...onLink, port: 3545 }, proves: false },
    { what: 'with the nonce', address: native, from: elsewhere, hasNonce: true, proves: true },
    { what: 'without it', address: native, from: elsewhere, proves: false },
    {
      what: 'with the nonce from no address of the Internet',
      address: native,
      from: { ...onLink, port: 9 },
      hasNonce: true,
      proves: false,
    },
    {
      what: 'from an embedded endpoint that is none',
      address: { ...teredo, word2: 0xffff },
      from: { ...mapped, port: 0 },
      proves: false,
    },
  ])(
    '[CL-R-12][CL-R-15][CL-R-24][RL-R-02] $what proves a path: $proves',
    ({ address, from, hasNonce = false, proves }) => {
      const bench = new Bench();
      const peer = bench.insert(address);
      const { table, paths } = bench.traversal;
      paths.name(peer, pathKinds.localLink, onLink.address, onLink.port);
      expect(table.isTrusted(peer)).toBe(false);
      expect(bench.prove(peer, from, hasNonce)).toBe(proves);
      expect([table.isTrusted(peer), table.isTrustedAt(peer, from.address, from.port)]).toEqual([proves, proves]);
    },
  );

  it('[CL-P-02] makes the path that it proves the one that data takes', () => {
    const bench = new Bench();
    const peer = bench.insert();
    bench.traversal.paths.name(peer, pathKinds.localLink, onLink.address, onLink.port);
    const taken = [mapped, onLink, mapped, elsewhere].map((from) => {
      bench.prove(peer, from, false);
      bench.traversal.send(peer, runOf(1), 0);
      return bench.sent();
    });
    expect(taken).toEqual([[direct], ['192.168.0.2:3544'], [direct], [direct]]);
  });

  it('[CL-R-24][CL-L-12] proves no path that the peer announced too long ago, or not at all', () => {
    const bench = new Bench();
    const peer = bench.insert();
    bench.traversal.paths.name(peer, pathKinds.localLink, onLink.address, onLink.port);
    expect([599_999, 600_000].map((now) => bench.prove(peer, onLink, false, now))).toEqual([true, false]);
    expect(bench.prove(bench.insert(teredoAddress(4097)), onLink, false)).toBe(false);
  });
});

describe('packets that wait for a peer', () => {
  it('[CL-P-09][RL-T-11] leaves in its order when the peer is heard, for the endpoint where it is trusted', () => {
    const bench = new Bench();
    const peer = bench.meet(0);
    bench.traversal.burst(peer, 40_000);
    for (const tag of [1, 2]) bench.traversal.enqueue(peer, runOf(tag));
    bench.sent();
    expect(bench.traversal.hear(peer, 41_000)).toBe(true);
    expect(bench.outputs.datagrams.map(({ payload }) => payload[0])).toEqual([1, 2]);
    expect(bench.sent()).toEqual(['198.51.100.7:77', '198.51.100.7:77']);
    const { table } = bench.traversal;
    expect([table.lastReception(peer), table.lastTransmission(peer)]).toEqual([41_000, 41_000]);
    expect([bench.traversal.hear(peer, 42_000), bench.sent(), bench.traversal.nextDeadline()]).toEqual([
      false,
      [],
      Infinity,
    ]);
  });

  it('[RL-T-09][RL-T-12] is reported as unreachable when the attempt fails, after the role is told', () => {
    const bench = new Bench();
    const peer = bench.insert();
    bench.traversal.burst(peer, 0);
    for (const tag of [0x60, 0x60]) bench.traversal.enqueue(peer, runOf(tag));
    bench.runTo(8000);
    const errors = bench.outputs.takePackets();
    expect(errors.map((error) => [error[40], error[41], ipv6EqualsAt(error, 8, router)])).toEqual([
      [1, 3, true],
      [1, 3, true],
    ]);
    expect(bench.failed).toEqual([`${peer} 8000 after 0 errors`]);
    expect(bench.counters.snapshot().drops).toEqual({ unreachable: 2 });
    expect(bench.traversal.peek(peer)).toBeUndefined();
  });

  it('[HR-03] can be looked at, the oldest first', () => {
    const bench = new Bench();
    const peer = bench.insert();
    for (const tag of [3, 4]) bench.traversal.enqueue(peer, runOf(tag, 50));
    const waiting = bench.traversal.peek(peer)!;
    expect([waiting.memory[waiting.offset], waiting.packetLength]).toEqual([3, 50]);
  });

  it('[CL-T-18] is bounded, and evicted packets are counted', () => {
    const bench = new Bench();
    const peer = bench.insert();
    for (let tag = 0; tag < 10; tag++) bench.traversal.enqueue(peer, runOf(tag));
    expect(bench.counters.snapshot().drops).toEqual({ 'queue-overflow': 2 });
  });

  it('[CL-Q-29] is removed with all peers', () => {
    const bench = new Bench();
    const peer = bench.insert();
    bench.traversal.burst(peer, 0);
    for (const tag of [1, 2, 3]) bench.traversal.enqueue(peer, runOf(tag));
    expect(bench.traversal.clear()).toBe(3);
    expect([bench.traversal.table.count, bench.traversal.nextDeadline(), bench.traversal.clear()]).toEqual([
      0,
      Infinity,
      0,
    ]);
  });
});

describe('rests', () => {
  /** A peer that answers two bursts through its server alone. */
  function unreached(restsPeers: boolean): { readonly bench: Bench; readonly peer: PeerIndex } {
    // The only peer of its table: its place is the first and the last one.
    const bench = new Bench({ restsPeers, peerCapacity: 1 });
    const peer = bench.insert();
    bench.traversal.recordIndirect(peer);
    bench.traversal.burst(peer, 0);
    bench.runTo(60_000);
    return { bench, peer };
  }

  it('[CL-B-14] hold the last burst back, and let an attempt begin with an indirect bubble', () => {
    const { bench, peer } = unreached(true);
    expect([35_999, 36_000].map((now) => bench.traversal.isFutile(peer, now))).toEqual([true, false]);
    bench.traversal.burst(peer, 36_000);
    expect(bench.sent()).toEqual([indirect]);
  });

  it('[CL-B-14] hold two bursts back for a peer that answered two, and one for a peer that answered fewer', () => {
    const bursts = (answers: number): number[] => {
      const bench = new Bench({ restsPeers: true });
      const peer = bench.insert();
      bench.traversal.burst(peer, 0);
      if (answers > 0) bench.traversal.recordIndirect(peer);
      bench.runTo(2000);
      if (answers > 1) bench.traversal.recordIndirect(peer);
      const sent = bench.runTo(8000);
      return Object.keys(sent).map((at) => sent[Number(at)]!.length);
    };
    // Datagrams at 4, 6 and 8 s: two are a burst.
    expect([0, 1, 2].map(bursts)).toEqual([
      [2, 2, 0],
      [2, 0, 0],
      [0, 0, 0],
    ]);
  });

  it('[CL-B-14] end when the peer is heard', () => {
    const { bench, peer } = unreached(true);
    bench.traversal.hear(peer, 10_000);
    expect(bench.traversal.isFutile(peer, 10_000)).toBe(false);
    bench.traversal.burst(peer, 12_000);
    expect(bench.sent()).toEqual([direct, indirect]);
  });

  it('[CL-B-14] are not for a peer that was heard since', () => {
    const { bench, peer } = unreached(true);
    bench.traversal.hear(peer, 10_000);
    for (const now of [12_000, 14_000]) bench.traversal.sendBubble(peer, mapped.address, mapped.port, now);
    expect(bench.traversal.isFutile(peer, 14_000)).toBe(false);
    bench.sent();
    bench.traversal.burst(peer, 100_000);
    expect(bench.sent()).toEqual([direct, indirect]);
  });

  it('[CL-B-14] are forgotten with the peer', () => {
    const { bench, peer } = unreached(true);
    bench.traversal.burst(peer, 36_000);
    bench.traversal.hear(peer, 37_000);
    bench.traversal.recordIndirect(peer);
    bench.traversal.table.remove(peer);
    expect(bench.insert()).toBe(peer);
    for (const now of [38_000, 40_000]) bench.traversal.sendBubble(peer, mapped.address, mapped.port, now);
    expect(bench.traversal.isFutile(peer, 40_000)).toBe(false);
    bench.sent();
    bench.traversal.burst(peer, 100_000);
    expect(bench.sent()).toEqual([direct, indirect]);
  });

  it('[CL-B-14] leave nothing to a peer that takes the place of one soon after its rest', () => {
    const { bench, peer } = unreached(true);
    bench.traversal.burst(peer, 36_000);
    bench.traversal.table.remove(peer);
    expect(bench.insert()).toBe(peer);
    bench.traversal.recordIndirect(peer);
    bench.traversal.recordIndirect(peer);
    for (const now of [37_000, 39_000, 41_000]) bench.traversal.burst(peer, now);
    expect(bench.sent()).toEqual([indirect, direct, indirect, direct, indirect]);
  });

  it('[CL-B-14] are for a peer that was heard through its server 256 times', () => {
    const { bench, peer } = unreached(true);
    for (let times = 1; times < 256; times++) bench.traversal.recordIndirect(peer);
    expect(bench.traversal.isFutile(peer, 35_999)).toBe(true);
  });

  it('[CL-B-14] go on for a peer that one of them reached within the 8 s of its attempt', () => {
    const after = (now: number): string[] => {
      const { bench, peer } = unreached(true);
      bench.traversal.burst(peer, 36_000);
      bench.traversal.hear(peer, now);
      bench.sent();
      bench.traversal.burst(peer, 100_000);
      return bench.sent();
    };
    expect([37_000, 44_000, 44_001].map(after)).toEqual([[indirect], [indirect], [direct, indirect]]);
  });

  it('[CL-B-14] are not taken where the role wants none', () => {
    const { bench, peer } = unreached(false);
    expect(bench.traversal.isFutile(peer, 36_000)).toBe(true);
    bench.traversal.burst(peer, 300_000);
    expect(bench.sent()).toEqual([direct, indirect]);
  });
});

describe('a role without native hosts and announcements', () => {
  it('[RL-R-02][RL-T-14] sends nothing to native hosts and accepts no proof by announcement', () => {
    const bench = new Bench();
    Object.assign(bench, { sendTest: undefined, isLocal: undefined });
    const [peer, host] = [bench.insert(), bench.insert(native)];
    bench.traversal.burst(host, 0);
    expect(bench.sent()).toEqual([]);
    bench.traversal.paths.name(peer, pathKinds.localLink, onLink.address, onLink.port);
    const run = createDatagramRun(new Uint8Array(0));
    run.sourceAddress = onLink.address;
    run.sourcePort = onLink.port;
    expect(bench.traversal.prove(peer, run, false, 0)).toBe(false);
  });
});

describe('histories of peers that were given up', () => {
  it('[RL-T-21] are removed when their bubbles no longer count, a few at a time', () => {
    const bench = new Bench();
    const { table } = bench.traversal;
    const peers = [1, 2, 3, 4].map((port) => bench.insert(teredoAddress(port)));
    for (const [index, peer] of peers.entries()) {
      bench.traversal.sendBubble(peer, mapped.address, mapped.port, index * 1000);
      table.giveUp(peer);
    }
    const left = () => peers.filter((_, index) => table.find(teredoAddress(index + 1)) !== noPeer).length;
    const after = (most: number, now: number) => {
      bench.traversal.removeOldHistories(most, now);
      return left();
    };
    expect([after(2, 299_999), after(2, 300_000), after(1, 400_000), after(9, 400_000)]).toEqual([4, 3, 2, 0]);
    bench.insert();
    expect(table.count).toBe(1);
  });
});

describe('bubbles', () => {
  it('[SEC-05c] on the local link leave although the policy for the Internet refuses the endpoint', () => {
    const bench = new Bench();
    const { bubbles } = bench.traversal;
    bubbles.write(own, native, 1);
    bubbles.send(parseIpv4('192.168.0.2')!, 3544);
    expect(bench.sent()).toEqual([]);
    bubbles.sendOnLink(parseIpv4('192.168.0.2')!, 3544);
    expect(bench.outputs.datagrams[0]!.payload[7]).toBe(1);
    expect([bench.sent(), bench.counters.snapshot().bubblesSent]).toEqual([['192.168.0.2:3544'], 1]);
  });
});
