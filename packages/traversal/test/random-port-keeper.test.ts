import { ipv6EqualsAt } from '@navalis/address';
import { describe, expect, it } from 'vitest';
import { noPeer } from '../src/index.ts';
import { elsewhere, mapped, onLink, own, teredoAddress } from './bench.ts';
import { runOf } from './peers.ts';
import { atRandomPort, datagramFrom, PortBench } from './port-bench.ts';

const never = Number.POSITIVE_INFINITY;
const throughServer = '203.0.113.120:3544 from 0 tells 40002';

describe('the use of random ports', () => {
  it.each([
    { nat: 'not symmetric', isSymmetric: false, isPreserving: false, withTests: true, use: 'none' },
    { nat: 'not symmetric, port-preserving', isSymmetric: false, isPreserving: true, withTests: true, use: 'none' },
    { nat: 'symmetric, port-preserving', isSymmetric: true, isPreserving: true, withTests: true, use: 'preserved' },
    { nat: 'symmetric', isSymmetric: true, isPreserving: false, withTests: true, use: 'predicted' },
    { nat: 'symmetric', isSymmetric: true, isPreserving: false, withTests: false, use: 'none' },
    { nat: 'symmetric, port-preserving', isSymmetric: true, isPreserving: true, withTests: false, use: 'preserved' },
  ] as const)('[PP-04][SPS-01] behind a NAT that is $nat is $use, with tests: $withTests', (row) => {
    const bench = new PortBench('none', { sequentialPorts: row.withTests });
    bench.keeper.setNat(row.isSymmetric, row.isPreserving);
    expect(bench.ports.use).toBe(row.use);
  });
});

describe('the peer refresh timer', () => {
  it('[PP-03][PP-07] runs every 30 s from the start of the client, whenever it is started', () => {
    const { keeper } = new PortBench('preserved');
    expect(keeper.nextDeadline()).toBe(never);
    keeper.start(1_000);
    expect(keeper.nextDeadline()).toBe(31_000);
    keeper.handleDeadline(30_999);
    expect(keeper.nextDeadline()).toBe(31_000);
    keeper.handleDeadline(31_000);
    expect(keeper.nextDeadline()).toBe(61_000);
    keeper.stop();
    expect(keeper.nextDeadline()).toBe(never);
    keeper.start(1_000, 60_999);
    expect(keeper.nextDeadline()).toBe(61_000);
    keeper.start(1_000, 61_000);
    expect(keeper.nextDeadline()).toBe(91_000);
  });

  it('[PP-05][PP-27][PP-30] refreshes the mapping through which a peer is reached 20 times, from its port', () => {
    const bench = new PortBench('preserved');
    bench.keeper.start(0);
    const peer = bench.meetAtRandomPort(1_000);
    const refresh = ['192.0.2.1:50000 from 2 tells 40002'];
    // At 9 s the 8 s are over in which the port looked for the peer, and nothing is closed.
    const left = bench.keepTo(600_000);
    expect(Object.entries(left).filter(([, sent]) => sent.length > 0)).toEqual(
      Array.from({ length: 20 }, (_, turn) => [`${30_000 * (turn + 1)}`, refresh]),
    );
    expect([bench.ports.refreshes(1), bench.traversal.table.lastTransmission(peer), bench.closed]).toEqual([
      20,
      600_000,
      [],
    ]);
    bench.traversal.table.heard(peer, 620_000);
    expect([bench.keepTo(630_000), bench.closed]).toEqual([{ 630000: [] }, []]);
    expect([bench.keepTo(660_000), bench.closed]).toEqual([{ 660000: [] }, [2]]);
  });

  it('[PP-06][PP-30] counts again after data, and keeps 2 s to the last packet', () => {
    const bench = new PortBench('preserved');
    bench.keeper.start(0);
    const peer = bench.meetAtRandomPort(0);
    const { table } = bench.traversal;
    bench.ports.setRefreshes(1, 7);
    bench.ports.recordData(peer, 1);
    expect([bench.keepTo(30_000)[30_000], bench.ports.refreshes(1)]).toEqual([[], 0]);
    bench.ports.recordData(peer, 30_000);
    table.sent(peer, 58_001);
    expect([bench.keepTo(60_000)[60_000], bench.ports.refreshes(1)]).toEqual([[], 0]);
    bench.ports.recordData(peer, 60_000);
    table.sent(peer, 88_000);
    expect([bench.keepTo(90_000)[90_000]?.length, bench.ports.refreshes(1)]).toEqual([1, 1]);
  });

  it('[PP-27] closes a port that its peer is not reached through any more, once it has stopped looking for it', () => {
    const bench = new PortBench('preserved');
    bench.keeper.start(0);
    const peer = bench.meetAtRandomPort(0);
    bench.keepTo(20_000);
    bench.traversal.table.distrust(peer);
    const other = bench.insert(teredoAddress(4097));
    bench.ports.open(other, 25_000);
    bench.keepTo(30_000);
    expect([bench.closed, bench.ports.owner(3)]).toEqual([[2], other]);
  });

  it('[SPS-04] forgets the answers to echo tests, in every slot', () => {
    const bench = new PortBench('predicted');
    bench.keeper.start(0);
    const tests = bench.traversal.mechanisms.echoTests!;
    for (const slot of [1, 64]) {
      tests.record(slot, false, 4_000);
      tests.begin(slot, 28_500);
    }
    bench.keeper.handleDeadline(29_999);
    expect(tests.record(64, true, 4_002)).toBe(4_001);
    bench.keeper.handleDeadline(30_000);
    for (const slot of [1, 64]) {
      tests.begin(slot, 40_000);
      expect([tests.record(slot, true, 4_002), tests.isSpent(slot)]).toEqual([0, false]);
    }
  });
});

describe('a random port that looks for its peer', () => {
  it('[PP-27] is closed 8 s after its last use', () => {
    const bench = new PortBench('preserved');
    const peer = bench.insert();
    bench.ports.open(peer, 1_000);
    bench.ports.touch(peer, 3_000);
    expect([bench.keepTo(10_999), bench.closed]).toEqual([{ 1500: [] }, []]);
    expect([bench.keepTo(11_000), bench.closed, bench.keeper.nextDeadline()]).toEqual([{ 11000: [] }, [2], never]);
  });

  it('[PP-25] stays open without an end once it is in use', () => {
    const bench = new PortBench('preserved');
    bench.meetAtRandomPort(1_000);
    expect([bench.keepTo(9_000), bench.closed, bench.keeper.nextDeadline()]).toEqual([
      { 1500: [], 9000: [] },
      [],
      never,
    ]);
  });

  it('[PP-31] sends one bubble to where the address of the peer says after 500 ms, if the peer tells no random port', () => {
    for (const { unmarked, sent } of [
      { unmarked: 0, sent: [] },
      { unmarked: 1, sent: ['192.0.2.1:4096 from 2 tells 40002'] },
    ]) {
      const bench = new PortBench('preserved');
      const peer = bench.insert();
      bench.ports.open(peer, 1_000);
      for (let bubble = 0; bubble < unmarked; bubble++) bench.keeper.recordTrailer(peer, 0, 1_100);
      bench.keeper.handleDeadline(1_499);
      expect([bench.left(), bench.keepTo(8_999)]).toEqual([[], { 1500: sent }]);
    }
  });

  it('[SPS-14] has no deadline any more, nor has its echo test, once the peer was heard at the service port', () => {
    const bench = new PortBench('predicted');
    const peer = bench.insert();
    bench.keeper.postpones(peer, 0);
    const other = bench.insert(teredoAddress(4097));
    bench.ports.open(other, 100);
    bench.keeper.recordBubble(peer, 0);
    bench.left();
    bench.takeEchoes();
    expect(bench.keeper.nextDeadline()).toBe(600);
    bench.ports.endRetry(bench.ports.slot(other));
    expect(bench.keeper.nextDeadline()).toBe(8_100);
    // Each indirect bubble opens a port behind such a NAT, so that one for nobody is noticed.
    bench.keeper.setNat(true, true);
    for (const now of [1_000, 3_000, 6_000]) bench.keeper.handleDeadline(now);
    expect([bench.left(), bench.takeEchoes(), bench.ports.openCount]).toEqual([[], [], 1]);
  });

  it('[PP-27] has deadlines of its own in each slot, with echo tests or without', () => {
    const bench = new PortBench('preserved', { sequentialPorts: false });
    bench.keeper.start(0);
    const peers = Array.from({ length: 8 }, (_, index) => bench.insert(teredoAddress(4096 + index)));
    for (const [index, peer] of peers.entries()) bench.ports.open(peer, 100 * index);
    expect(bench.keeper.nextDeadline()).toBe(500);
    const left = bench.keepTo(8_000);
    expect([Object.keys(left), bench.closed]).toEqual([
      ['500', '600', '700', '800', '900', '1000', '1100', '1200', '8000'],
      [2],
    ]);
    expect(bench.keeper.nextDeadline()).toBe(8_100);
    expect(bench.keeper.owner(2)).toBe(noPeer);
    expect(bench.keeper.owner(9)).toBe(peers[7]);
    bench.keepTo(30_000);
    expect([bench.ports.openCount, bench.keeper.nextDeadline()]).toEqual([0, 60_000]);
  });
});

describe('the random port that a peer tells', () => {
  it('[PP-14][PP-28] is taken when none is known; 0 is no port, and counts as a bubble without one', () => {
    const bench = new PortBench('preserved');
    const { keeper, ports } = bench;
    const peer = bench.insert();
    keeper.recordTrailer(peer, 0, 100);
    expect([ports.peerPort(peer), ports.unmarked(peer)]).toEqual([0, 1]);
    keeper.recordTrailer(peer, 50_000, 200);
    keeper.recordTrailer(peer, 0, 300);
    expect([ports.peerPort(peer), ports.toldAt(peer), ports.unmarked(peer)]).toEqual([50_000, 200, 2]);
    ports.open(peer, 350);
    bench.traversal.table.heard(peer, 350);
    keeper.recordTrailer(peer, 50_000, 400);
    expect([ports.toldAt(peer), ports.unmarked(peer), bench.closed]).toEqual([400, 2, []]);
  });

  it('[PP-15][PP-16] is another one only 30 s after the last packet from or to the peer, and then closes the own port', () => {
    for (const exchange of ['heard', 'sent'] as const) {
      const bench = new PortBench('preserved');
      const { keeper, ports, closed } = bench;
      const peer = bench.insert();
      keeper.recordTrailer(peer, 50_000, 0);
      ports.open(peer, 0);
      bench.traversal.table[exchange](peer, 1_000);
      keeper.recordTrailer(peer, 50_001, 30_999);
      expect([ports.peerPort(peer), ports.toldAt(peer), closed]).toEqual([50_000, 0, []]);
      keeper.recordTrailer(peer, 50_001, 31_000);
      expect([ports.peerPort(peer), ports.toldAt(peer), closed]).toEqual([50_001, 31_000, [2]]);
    }
  });

  it('[PP-33] may be another one while the own port is only refreshed', () => {
    const bench = new PortBench('preserved');
    const peer = bench.meetAtRandomPort(0);
    bench.keeper.recordTrailer(peer, 50_000, 0);
    bench.traversal.table.sent(peer, 29_000);
    bench.keeper.recordTrailer(peer, 50_001, 30_000);
    expect([bench.ports.peerPort(peer), bench.closed]).toEqual([50_001, [2]]);
    const other = new PortBench('preserved');
    const met = other.meetAtRandomPort(0);
    other.keeper.recordTrailer(met, 50_000, 0);
    other.ports.recordData(met, 1);
    other.keeper.recordTrailer(met, 50_001, 30_000);
    expect([other.ports.peerPort(met), other.closed]).toEqual([50_000, []]);
  });

  it('[PP-15] is forgotten when an attempt begins 8 s after it was told, unless the peer was heard in the last 30 s', () => {
    const bench = new PortBench('preserved');
    const { keeper, ports } = bench;
    const peer = bench.insert();
    ports.setPeerPort(peer, 50_000, 1_000);
    keeper.begin(peer, 8_999);
    expect(ports.peerPort(peer)).toBe(50_000);
    bench.traversal.table.heard(peer, 5_000);
    keeper.begin(peer, 34_999);
    expect(ports.peerPort(peer)).toBe(50_000);
    keeper.begin(peer, 35_000);
    expect(ports.peerPort(peer)).toBe(0);
    ports.setPeerPort(peer, 50_000, 40_000);
    keeper.begin(peer, 48_000);
    expect(ports.peerPort(peer)).toBe(0);
  });

  it('[PP-34][PP-27] is forgotten after a failure, with the own port, once no bubble may follow', () => {
    const bench = new PortBench('preserved');
    const { keeper, ports, closed } = bench;
    const peer = bench.insert();
    ports.open(peer, 0);
    ports.setPeerPort(peer, 50_000, 0);
    for (const now of [0, 2_000, 4_000]) bench.traversal.sendBubble(peer, mapped.address, mapped.port, now);
    keeper.fail(peer, 8_000);
    expect([ports.peerPort(peer), closed]).toEqual([50_000, []]);
    bench.traversal.sendBubble(peer, mapped.address, mapped.port, 8_000);
    keeper.fail(peer, 16_000);
    expect([ports.peerPort(peer), closed]).toEqual([0, [2]]);
  });

  it('[PP-13] gets a bubble from the service port of a host that needs no random port', () => {
    for (const { use, sent } of [
      { use: 'none', sent: ['192.0.2.1:50000 from 0 tells 0'] },
      { use: 'preserved', sent: [] },
      { use: 'predicted', sent: [] },
    ] as const) {
      const bench = new PortBench(use);
      const peer = bench.insert();
      bench.ports.setPeerPort(peer, 50_000, 0);
      bench.keeper.sendToPeerPort(peer, 0);
      expect(bench.left()).toEqual(sent);
    }
  });
});

describe('a bubble that may prove another path', () => {
  const reached = (now = 0) => {
    const bench = new PortBench('preserved');
    const peer = bench.meetAtRandomPort(now);
    bench.left();
    return { bench, peer, ports: bench.ports, table: bench.traversal.table };
  };

  it('[PP-21][PP-22] does so for a peer that is not trusted, and from the endpoint that it was trusted at', () => {
    const { bench, peer, table } = reached();
    expect(bench.keeper.mayMove(peer, datagramFrom(atRandomPort, 2), true, 100)).toBe(true);
    table.distrust(peer);
    expect(bench.keeper.mayMove(peer, datagramFrom(elsewhere, 2), true, 100)).toBe(true);
    expect([bench.closed, bench.left()]).toEqual([[], []]);
  });

  it('[PP-04] does so for any peer of a host that uses no random ports', () => {
    const { bench, peer } = reached();
    bench.keeper.setNat(false, false);
    expect(bench.keeper.mayMove(peer, datagramFrom(mapped, 2), false, 100)).toBe(true);
    expect(bench.closed).toEqual([]);
  });

  it('[PP-24] is judged as any other where it comes from an endpoint that proves nothing', () => {
    const { bench, peer } = reached();
    expect(bench.keeper.mayMove(peer, datagramFrom(elsewhere, 2), false, 100)).toBe(true);
    expect([bench.closed, bench.left()]).toEqual([[], []]);
  });

  it('[SNS-21][HP-14] does so from either port of the peer, and from behind the NAT that both share', () => {
    const { bench, peer } = reached();
    bench.prove(peer, { ...elsewhere, portId: 2 }, true);
    expect(bench.keeper.mayMove(peer, datagramFrom(atRandomPort, 2), false, 100)).toBe(true);
    bench.neighbour = onLink.address;
    expect(bench.keeper.mayMove(peer, datagramFrom(onLink, 2), true, 100)).toBe(true);
    expect([bench.closed, bench.left()]).toEqual([[], []]);
  });

  it('[PP-23] at the random port closes it, and looks for the peer through its server', () => {
    for (const { from, hasNonce } of [
      { from: elsewhere, hasNonce: true },
      { from: mapped, hasNonce: false },
      { from: mapped, hasNonce: true },
    ]) {
      const { bench, peer } = reached();
      expect(bench.keeper.mayMove(peer, datagramFrom(from, 2), hasNonce, 5_000)).toBe(false);
      expect([bench.closed, bench.traversal.table.isTrusted(peer)]).toEqual([[2], false]);
      // Since nothing leads to the peer any more, a port is opened for it again.
      expect(bench.left()).toEqual(['203.0.113.120:3544 from 0 tells 40003']);
      expect(bench.traversal.mayBubble(peer, 6_999)).toBe(false);
    }
  });

  it('[PP-20] at the service port moves the peer there, if it was not heard there before', () => {
    const { bench, peer } = reached();
    expect(bench.keeper.mayMove(peer, datagramFrom(mapped), true, 100)).toBe(true);
    expect(bench.left()).toEqual([]);
  });

  it('[PP-19] at the service port is ignored for 30 s where the peer was heard there; then the peer is looked for', () => {
    const { bench, peer, ports, table } = reached();
    ports.setReceivedOnPrimary(peer, true);
    expect(bench.keeper.mayMove(peer, datagramFrom(mapped), false, 29_999)).toBe(false);
    expect([table.isTrusted(peer), ports.isReceivedOnPrimary(peer), bench.left()]).toEqual([true, true, []]);
    // Data still leaves for the peer: it is not silent, and may move.
    ports.recordData(peer, 20_000);
    expect(bench.keeper.mayMove(peer, datagramFrom(mapped), false, 30_000)).toBe(true);
    expect(bench.keeper.mayMove(peer, datagramFrom(mapped), false, 50_000)).toBe(false);
    expect([table.isTrusted(peer), ports.isReceivedOnPrimary(peer)]).toEqual([false, false]);
    expect(bench.left()).toEqual([throughServer]);
  });

  it('[PP-23][CL-B-07] is followed by no bubble through the server where the limits forbid it', () => {
    const { bench, peer, table } = reached();
    table.sent(peer, 4_000);
    expect(bench.keeper.mayMove(peer, datagramFrom(elsewhere, 2), true, 5_000)).toBe(false);
    expect([bench.closed, bench.left()]).toEqual([[2], []]);
  });

  it('[PP-23][SPS-05] begins an echo test first where the port is to be predicted', () => {
    const bench = new PortBench('predicted');
    const peer = bench.meetAtRandomPort(0);
    expect(bench.keeper.mayMove(peer, datagramFrom(elsewhere, 2), true, 5_000)).toBe(false);
    expect(bench.takeEchoes().map(({ from, isSecondary }) => [from, isSecondary])).toEqual([
      [3, false],
      [3, true],
    ]);
    expect([bench.left(), bench.traversal.mayBubble(peer, 6_999)]).toEqual([['192.0.2.1:4096 from 3 tells 0'], false]);
  });
});

describe('a bubble that was accepted', () => {
  it('[PP-21][PP-29] marks the port that it came to; at the service port it closes the random one', () => {
    const bench = new PortBench('preserved');
    const { keeper, ports } = bench;
    const [one, other] = [bench.insert(), bench.insert(teredoAddress(4097))];
    ports.open(one, 0);
    ports.open(other, 0);
    keeper.recordBubble(one, 2);
    keeper.recordBubble(other, 0);
    expect([one, other].map((peer) => [ports.isReceivedOnPrimary(peer), ports.isReceivedOnRandom(peer)])).toEqual([
      [false, true],
      [true, false],
    ]);
    expect(bench.closed).toEqual([3]);
    // The port of another peer is not its random one.
    ports.open(other, 100);
    keeper.recordBubble(one, 4);
    expect([ports.isReceivedOnPrimary(one), bench.closed]).toEqual([true, [3, 2]]);
  });

  it('[PP-32][SPS-22] at the random port is answered once, before any data', () => {
    const bench = new PortBench('preserved');
    const { keeper, ports } = bench;
    const peer = bench.insert();
    expect(keeper.owesGreeting(peer, 0)).toBe(false);
    ports.open(peer, 0);
    ports.setReceivedOnPrimary(peer, true);
    expect([keeper.owesGreeting(peer, 2), keeper.owesGreeting(peer, 2)]).toEqual([true, false]);
    expect([ports.isReceivedOnRandom(peer), ports.isReceivedOnPrimary(peer)]).toEqual([true, false]);
  });

  it('[PP-20] at the service port is answered where the peer may know the random one', () => {
    const bench = new PortBench('preserved');
    const { keeper, ports } = bench;
    const peer = bench.insert();
    ports.open(peer, 0);
    expect(keeper.owesGreeting(peer, 0)).toBe(false);
    ports.endRetry(1);
    expect(keeper.owesGreeting(peer, 0)).toBe(true);
    const other = bench.insert(teredoAddress(4097));
    ports.open(other, 0);
    ports.setReceivedOnRandom(other);
    expect(keeper.owesGreeting(other, 0)).toBe(true);
  });
});

describe('a random port that is closed', () => {
  it('[PP-25] leaves another proven path for data, and else none', () => {
    const bench = new PortBench('preserved');
    const { table } = bench.traversal;
    const peer = bench.insert();
    bench.prove(peer, mapped, false);
    bench.ports.open(peer, 0);
    bench.prove(peer, { ...atRandomPort, portId: 2 }, true);
    expect([table.targetPort(peer), table.targetPortId(peer)]).toEqual([50_000, 2]);
    bench.keeper.close(peer);
    expect([table.isTrusted(peer), table.targetPort(peer), table.targetPortId(peer)]).toEqual([true, 4096, 0]);
    const other = bench.meetAtRandomPort(0);
    bench.keeper.close(other);
    expect([table.isTrusted(other), bench.closed]).toEqual([false, [2, 3]]);
    bench.keeper.close(other);
    expect(bench.closed).toEqual([2, 3]);
  });

  it('[PP-25] leaves the path of data alone where data did not take it', () => {
    const bench = new PortBench('preserved');
    const { table } = bench.traversal;
    const peer = bench.insert();
    bench.ports.open(peer, 0);
    table.trust(peer, elsewhere.address, elsewhere.port);
    bench.keeper.close(peer);
    expect([table.isTrusted(peer), table.targetPort(peer), bench.closed]).toEqual([true, elsewhere.port, [2]]);
  });
});

describe('a traversal with random ports', () => {
  it('[PP-08][PP-27] tells its keeper of data, time and failure', () => {
    const bench = new PortBench('preserved');
    const { traversal, ports } = bench;
    const peer = bench.meetAtRandomPort(0);
    traversal.send(peer, runOf(1), 700);
    expect(ports.dataSentAt(1)).toBe(700);
    const other = bench.insert(teredoAddress(4097));
    traversal.burst(other, 1_000);
    expect(traversal.nextDeadline()).toBe(500);
    traversal.handleDeadline(500);
    expect([ports.retriesAt(1), ports.portId(other)]).toEqual([never, 3]);
    bench.runTo(9_000);
    // The fourth burst was not answered, and no other one may follow.
    expect([bench.failed, bench.closed]).toEqual([[`${other} 9000 after 0 errors`], [3]]);
  });

  it('[CL-B-14] does not let a peer rest whose answers go astray for another reason', () => {
    for (const { isExchanging, isResting } of [
      { isExchanging: false, isResting: true },
      { isExchanging: true, isResting: false },
    ]) {
      const bench = new PortBench('none', {}, { restsPeers: true });
      const peer = bench.insert();
      if (isExchanging) bench.ports.setPeerPort(peer, 50_000, 0);
      for (const now of [0, 2_000, 4_000]) bench.traversal.sendBubble(peer, mapped.address, mapped.port, now);
      bench.traversal.recordIndirect(peer);
      expect(bench.traversal.isFutile(peer, 5_000)).toBe(isResting);
    }
  });

  it('[SNS-18][IO-01] invites within the limits, and answers where a bubble came from', () => {
    const bench = new PortBench('none');
    const peer = bench.insert();
    expect(bench.traversal.mayInvite(peer, 0)).toBe(true);
    bench.traversal.sendIndirect(peer, 0);
    expect([bench.traversal.mayInvite(peer, 1_999), bench.traversal.mayInvite(peer, 2_000)]).toEqual([false, true]);
    bench.left();
    bench.traversal.answerAt(peer, own, elsewhere.address, elsewhere.port);
    const [answer] = bench.outputs.datagrams;
    expect([bench.left(), ipv6EqualsAt(answer!.payload, 24, own)]).toEqual([['198.51.100.7:77 from 0 tells 0'], true]);
  });
});
