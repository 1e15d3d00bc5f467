import { parseIpv4 } from '@navalis/address';
import { seededRandom } from '@navalis/engine/testing';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { noPeer, type PeerIndex, PeerTable } from '../src/index.ts';
import { addressOf, findPeer, insertPeer, servicePrefix, tableOf } from './peers.ts';

const address = parseIpv4('192.0.2.1')!;

describe('the peer table', () => {
  it('[CL-P-01][CL-P-06][CL-R-16][CL-B-04] a new peer: untrusted, at its embedded endpoint, last heard and sent to 30 s ago', () => {
    const table = tableOf(4);
    const peer = insertPeer(table, 7, 'solicited', 100_000);
    expect(table.address(peer)).toEqual({ word0: servicePrefix, word1: 7, word2: 0xefff, word3: 0x3ffffdfe });
    expect([table.endpointAddress(peer), table.endpointPort(peer)]).toEqual([address, 4096]);
    expect([table.lastReception(peer), table.lastTransmission(peer)]).toEqual([70_000, 70_000]);
    expect(table.isTrusted(peer)).toBe(false);
    expect(table.isValid(peer, 100_000)).toBe(false);
  });

  it('[CL-P-03][CL-T-01] valid for 30 s after the last reception, usable when trusted too', () => {
    const table = tableOf(4);
    const peer = insertPeer(table, 1);
    table.heard(peer, 1000);
    expect(table.isValid(peer, 30_999)).toBe(true);
    expect(table.isValid(peer, 31_000)).toBe(false);
    expect(table.isUsable(peer, 1000)).toBe(false);
    table.trust(peer, 9, 10);
    expect(table.isUsable(peer, 30_999)).toBe(true);
    expect(table.hasEndpoint(peer, 9, 10)).toBe(true);
    expect([table.hasEndpoint(peer, 9, 11), table.hasEndpoint(peer, 8, 10)]).toEqual([false, false]);
  });

  it('[AD-14] two addresses that differ in their flags only are two peers at one endpoint', () => {
    const table = tableOf(4);
    const plain = table.insert(addressOf(servicePrefix, 1, 0x0000efff, 0x3ffffdfe), 'solicited', 0);
    const flagged = table.insert(addressOf(servicePrefix, 1, 0x3cffefff, 0x3ffffdfe), 'solicited', 0);
    expect(table.find(addressOf(servicePrefix, 1, 0x0000efff, 0x3ffffdfe))).toBe(plain);
    expect(table.find(addressOf(servicePrefix, 1, 0x3cffefff, 0x3ffffdfe))).toBe(flagged);
    expect(table.findByEmbeddedEndpoint(address, 4096)).toBe(plain);
    expect(table.findNextByEmbeddedEndpoint(plain, address, 4096)).toBe(flagged);
    expect(table.findNextByEmbeddedEndpoint(flagged, address, 4096)).toBe(noPeer);
    expect(table.findByEmbeddedEndpoint(address, 4097)).toBe(noPeer);
    expect(table.findByEmbeddedEndpoint(address + 1, 4096)).toBe(noPeer);
  });

  it('[IO-03] a removed peer is no longer found by its endpoint, its neighbours still are', () => {
    const table = tableOf(4);
    const [first, second, third] = [1, 2, 3].map((number) => insertPeer(table, number)) as [number, number, number];
    table.remove(second);
    expect(peersAt(table, address, 4096)).toEqual([first, third]);
    table.remove(first);
    expect(peersAt(table, address, 4096)).toEqual([third]);
    const fourth = insertPeer(table, 4);
    expect(peersAt(table, address, 4096)).toEqual([third, fourth]);
  });

  it('each peer of a full table has its own address, word by word', () => {
    const table = tableOf(3);
    const peers = [0x10, 0x20, 0x30].map((word) =>
      table.insert(addressOf(word + 1, word + 2, word + 3, word + 4), 'solicited', 0),
    );
    expect(peers.map((peer) => table.address(peer))).toEqual([
      { word0: 0x11, word1: 0x12, word2: 0x13, word3: 0x14 },
      { word0: 0x21, word1: 0x22, word2: 0x23, word3: 0x24 },
      { word0: 0x31, word1: 0x32, word2: 0x33, word3: 0x34 },
    ]);
    expect(peers.map((peer) => ([0, 1, 2, 3] as const).map((which) => table.word(peer, which)))).toEqual([
      [0x11, 0x12, 0x13, 0x14],
      [0x21, 0x22, 0x23, 0x24],
      [0x31, 0x32, 0x33, 0x34],
    ]);
  });

  it('[AD-15] each peer of a table embeds the endpoint of its own address', () => {
    const table = tableOf(3);
    const peers = [1, 2, 3].map((port) =>
      table.insert(addressOf(servicePrefix, 9, port ^ 0xffff, ~port >>> 0), 'solicited', 0),
    );
    const embedded = peers.map((peer) => [1, 2, 3].filter((port) => table.embeds(peer, port, port)));
    expect(embedded).toEqual([[1], [2], [3]]);
  });

  it('[RL-T-22] rows up to the highest ever used can be walked; the row of a removed peer is empty', () => {
    const table = tableOf(4);
    expect(table.highestRow).toBe(noPeer);
    const [first, second] = [insertPeer(table, 1), insertPeer(table, 2)];
    expect(table.highestRow).toBe(second);
    table.trust(second, address, 1);
    table.remove(second);
    expect([table.highestRow, table.isTrusted(second), table.isGivenUp(second)]).toEqual([second, false, false]);
    table.giveUp(first);
    table.remove(first);
    expect(table.isGivenUp(first)).toBe(false);
  });

  it('[IO-03] native peers are not found by any endpoint', () => {
    const table = tableOf(4);
    const peer = table.insert(addressOf(0x2a000001, 0, 0xefff, 0x3ffffdfe), 'solicited', 0);
    expect([table.endpointAddress(peer), table.endpointPort(peer)]).toEqual([0, 0]);
    table.trust(peer, address, 4096);
    expect(table.findByEmbeddedEndpoint(address, 4096)).toBe(noPeer);
    const embedding = insertPeer(table, 1);
    table.remove(peer);
    expect(peersAt(table, address, 4096)).toEqual([embedding]);
    expect(table.count).toBe(1);
  });

  it('[CL-P-04] a full table removes the least recently heard peer', () => {
    const table = tableOf(3);
    const peers = [1, 2, 3].map((number) => insertPeer(table, number));
    for (const peer of peers) table.trust(peer, address, 1);
    table.heard(peers[0]!, 5);
    insertPeer(table, 4);
    expect([1, 2, 3, 4].map((number) => findPeer(table, number) !== noPeer)).toEqual([true, false, true, true]);
    expect(table.count).toBe(3);
  });

  it('[CL-P-04] peers are evicted in the order in which they were last heard', () => {
    const table = tableOf(4);
    const removed: number[] = [];
    table.onRemoval({ peerRemoved: (peer) => removed.push(peer) });
    const peers = [1, 2, 3, 4].map((number) => insertPeer(table, number));
    for (const index of [1, 3, 0, 0, 2, 1]) table.heard(peers[index]!, 5);
    for (const number of [11, 12, 13, 14]) insertPeer(table, number);
    expect(removed).toEqual([3, 0, 2, 1].map((index) => peers[index]));
  });

  it('[CL-P-05] a small table has room for one unsolicited peer', () => {
    for (const capacity of [1, 3, 7]) {
      const table = tableOf(capacity);
      for (let number = 1; number <= 9; number++) insertPeer(table, number, 'unsolicited');
      expect([table.count, findPeer(table, 9) !== noPeer], `of ${capacity}`).toEqual([1, true]);
    }
  });

  it('[CL-P-05][SEC-17] unsolicited peers fill a quarter at most, and are evicted first', () => {
    const table = tableOf(8);
    const trusted = insertPeer(table, 1);
    table.trust(trusted, address, 1);
    for (let number = 100; number < 200; number++) insertPeer(table, number, 'unsolicited');
    expect(table.count).toBe(3);
    expect(findPeer(table, 198)).not.toBe(noPeer);
    expect(findPeer(table, 197)).toBe(noPeer);
    for (let number = 10; number < 17; number++) insertPeer(table, number);
    expect([findPeer(table, 198), findPeer(table, 199)]).toEqual([noPeer, noPeer]);
    expect(findPeer(table, 1)).toBe(trusted);
    insertPeer(table, 17);
    expect(findPeer(table, 10)).toBe(noPeer);
    expect(findPeer(table, 1)).toBe(trusted);
  });

  it('[CL-P-05] counts the peers in use that leave a full table, and no others', () => {
    const counters = { peersEvicted: 0 };
    const table = new PeerTable({ capacity: 3, counters }, seededRandom(3));
    const [silent, sought, heard] = [1, 2, 3].map((number) => insertPeer(table, number)) as [number, number, number];
    for (const peer of [silent, heard]) table.trust(peer, address, 1);
    table.heard(silent, 0);
    table.heard(heard, 20_000);
    table.giveUp(sought);
    for (const [number, count] of [
      [4, 0], // the one that was given up leaves
      [5, 0], // the untrusted one before
      [6, 0],
      [7, 0],
    ] as const) {
      insertPeer(table, number, 'solicited', 30_000);
      expect([number, counters.peersEvicted]).toEqual([number, count]);
    }
    const newest = findPeer(table, 7);
    table.trust(newest, address, 1);
    table.heard(newest, 30_000);
    insertPeer(table, 8, 'solicited', 30_000); // the silent one leaves
    expect([findPeer(table, 1), counters.peersEvicted]).toEqual([noPeer, 0]);
    table.trust(findPeer(table, 8), address, 1);
    insertPeer(table, 9, 'solicited', 30_001);
    expect([findPeer(table, 3), counters.peersEvicted]).toEqual([noPeer, 1]);
  });

  it('[SEC-17] visitors fill free rows, and never replace a peer that the host contacted', () => {
    const table = tableOf(8);
    const wanted = insertPeer(table, 1);
    const sought = insertPeer(table, 2);
    table.trust(sought, address, 1);
    for (let number = 100; number < 200; number++) {
      const visitor = insertPeer(table, number, 'unsolicited');
      // As often as it likes.
      for (const port of [1, 2, 3]) table.trust(visitor, address, port);
      expect(table.isTrusted(visitor)).toBe(true);
      table.heard(visitor, number);
    }
    expect([findPeer(table, 1), findPeer(table, 2)]).toEqual([wanted, sought]);
    expect(table.count).toBe(8);
    expect([193, 194, 199].map((number) => findPeer(table, number) !== noPeer)).toEqual([false, true, true]);
  });

  it('[SEC-17] a visitor or unsolicited peer ranks with others once the host contacts it', () => {
    const table = tableOf(4);
    const visitor = insertPeer(table, 1, 'unsolicited');
    table.trust(visitor, address, 1);
    table.solicit(visitor);
    expect(table.isTrusted(visitor)).toBe(true);
    const knocked = insertPeer(table, 2, 'unsolicited');
    for (let times = 0; times < 3; times++) table.solicit(knocked);
    expect(table.isTrusted(knocked)).toBe(false);
    for (let number = 100; number < 120; number++) table.trust(insertPeer(table, number, 'unsolicited'), address, 1);
    expect([findPeer(table, 1), findPeer(table, 2)]).toEqual([visitor, knocked]);
    table.trust(knocked, address, 1);
    for (let number = 10; number < 13; number++) insertPeer(table, number);
    expect([findPeer(table, 1), findPeer(table, 2)]).toEqual([visitor, knocked]);
  });

  it('[RL-T-21] a peer that was given up counts as none, keeps its row, and is evicted before all others', () => {
    const table = tableOf(3);
    const removed: number[] = [];
    table.onRemoval({ peerRemoved: (peer) => removed.push(peer) });
    const [first, second] = [insertPeer(table, 1), insertPeer(table, 2)];
    const visitor = insertPeer(table, 3, 'unsolicited');
    table.trust(second, address, 1);
    for (const peer of [second, first, second]) table.giveUp(peer);
    expect([table.count, table.isGivenUp(first), table.isGivenUp(visitor), table.isTrusted(second)]).toEqual([
      1,
      true,
      false,
      false,
    ]);
    expect(findPeer(table, 1)).toBe(first);
    expect(table.longestGivenUp).toBe(second);
    expect(removed).toEqual([]);
    insertPeer(table, 4);
    insertPeer(table, 5);
    expect(removed).toEqual([second, first]);
    expect([table.longestGivenUp, table.count]).toEqual([noPeer, 3]);
  });

  it('[RL-T-21] a peer that was given up counts again once the host contacts it or its endpoint is proven', () => {
    const table = tableOf(4);
    const [sought, heard] = [insertPeer(table, 1), insertPeer(table, 2)];
    for (const peer of [sought, heard]) table.giveUp(peer);
    table.solicit(sought);
    table.trust(heard, address, 1);
    expect([table.isTrusted(sought), table.isTrusted(heard), table.count]).toEqual([false, true, 2]);
    for (let number = 100; number < 120; number++) table.trust(insertPeer(table, number, 'unsolicited'), address, 1);
    expect([findPeer(table, 1), findPeer(table, 2)]).toEqual([sought, heard]);
  });

  it('[RL-T-22] once all are doubted, only peers that are heard afterwards are valid', () => {
    const table = tableOf(4);
    const [before, after] = [insertPeer(table, 1), insertPeer(table, 2)];
    for (const peer of [before, after]) {
      table.trust(peer, address, 1);
      table.heard(peer, 5000);
    }
    table.doubtAll(5001);
    expect([table.isUsable(before, 5001), table.isUsable(after, 5001)]).toEqual([false, false]);
    table.heard(after, 5001);
    expect([table.isUsable(before, 5001), table.isUsable(after, 5001)]).toEqual([false, true]);
  });

  it('[CL-P-11][CL-Q-29] clearing removes all peers and notifies the listeners', () => {
    const table = tableOf(8);
    const removed: number[] = [];
    table.onRemoval({ peerRemoved: (peer) => removed.push(peer) });
    const peers = [1, 2, 3, 4].map((number) => insertPeer(table, number));
    table.trust(peers[1]!, address, 1);
    table.giveUp(peers[3]!);
    table.clear();
    expect(table.count).toBe(0);
    expect(removed.toSorted()).toEqual(peers);
    expect([1, 2, 3, 4].map((number) => findPeer(table, number))).toEqual([noPeer, noPeer, noPeer, noPeer]);
  });

  it('[CL-P-01][CL-P-04] agrees with a plain map over any sequence of insertions and removals', () => {
    // Pairs that differ in one word only, in a table so small that probes meet, wrap around and close gaps.
    const addresses = [servicePrefix, 0x2a000000].flatMap((word0) =>
      [1, 2].flatMap((word1) =>
        [0xefff, 0x3cffefff].flatMap((word2) =>
          [0x3ffffdfe, 0x3ffffdfd].map((word3) => [word0, word1, word2, word3] as const),
        ),
      ),
    );
    fc.assert(
      fc.property(fc.array(fc.nat(addresses.length - 1), { maxLength: 100 }), fc.nat(), (choices, seed) => {
        const table = new PeerTable({ capacity: 12 }, seededRandom(seed));
        const model = new Map<(typeof addresses)[number], number>();
        for (const choice of choices) {
          const address = addresses[choice]!;
          const peer = model.get(address);
          if (peer !== undefined) {
            table.remove(peer);
            model.delete(address);
          } else if (model.size < 12) {
            model.set(address, table.insert(addressOf(...address), 'solicited', 0));
          }
          expect(addresses.map((each) => table.find(addressOf(...each)))).toEqual(
            addresses.map((each) => model.get(each) ?? noPeer),
          );
        }
        expect(table.count).toBe(model.size);
        for (const text of ['192.0.2.1', '192.0.2.2']) {
          const mapped = ~parseIpv4(text)! >>> 0;
          const embedding = [...model].filter(([[word0, , , word3]]) => word0 === servicePrefix && word3 === mapped);
          expect(peersAt(table, parseIpv4(text)!, 4096)).toEqual(embedding.map(([, peer]) => peer));
        }
      }),
      { numRuns: 300 },
    );
  });
});

describe('the standing of a peer', () => {
  it('is new in a row that another peer had: its packets go to the endpoint that its address embeds', () => {
    const table = tableOf(1);
    const old = insertPeer(table, 1);
    table.trust(old, 7, 70, 3);
    const next = insertPeer(table, 2);
    expect([next, table.targetAddress(next), table.targetPort(next), table.targetPortId(next)]).toEqual([
      old,
      0xc0000201,
      0x1000,
      0,
    ]);
  });

  it('[CL-P-05] falls when it is distrusted, of visitors to unsolicited and of the others to solicited', () => {
    const table = tableOf(8);
    const [visitor, trusted] = [insertPeer(table, 1, 'unsolicited'), insertPeer(table, 2)];
    const standing = () => [visitor, trusted].map((peer) => [table.isTrusted(peer), table.isSolicited(peer)]);
    for (const peer of [visitor, trusted]) table.trust(peer, 7, 70);
    expect(standing()).toEqual([
      [true, false],
      [true, true],
    ]);
    for (const peer of [visitor, trusted]) table.distrust(peer);
    expect(standing()).toEqual([
      [false, false],
      [false, true],
    ]);
    table.trust(visitor, 7, 70);
    table.solicit(visitor);
    table.distrust(visitor);
    expect(standing()[0]).toEqual([false, true]);
    table.giveUp(trusted);
    table.distrust(trusted);
    expect([table.isGivenUp(trusted), table.isSolicited(trusted)]).toEqual([true, false]);
  });

  it('[CL-P-04] does not change the order of eviction when a peer is distrusted that was not trusted', () => {
    const table = tableOf(2);
    const first = insertPeer(table, 1);
    insertPeer(table, 2);
    table.distrust(first);
    insertPeer(table, 3);
    expect([findPeer(table, 1), findPeer(table, 2)]).toEqual([noPeer, 2]);
  });
});

describe('the list of peers', () => {
  it('has those that were heard last, visitors among them, the latest first', () => {
    const table = tableOf(8);
    const visitors = [1, 2].map((number) => insertPeer(table, number, 'unsolicited'));
    const trusted = [3, 4].map((number) => insertPeer(table, number));
    for (const peer of [...visitors, ...trusted]) table.trust(peer, 7, 70);
    for (const [peer, now] of [
      [visitors[0]!, 10],
      [trusted[0]!, 20],
      [visitors[1]!, 30],
      [trusted[1]!, 30],
    ] as const) {
      table.heard(peer, now);
    }
    expect(table.lastHeard(9)).toEqual([trusted[1], visitors[1], trusted[0], visitors[0]]);
    expect(table.lastHeard(3)).toHaveLength(3);
    for (const peer of visitors) table.distrust(peer);
    expect(table.lastHeard(9)).toEqual([trusted[1], trusted[0]]);
    // Times may be negative, as for a peer that was inserted at 0.
    for (const peer of trusted) table.heard(peer, -5);
    expect(table.lastHeard(9)).toEqual([trusted[1], trusted[0]]);
    for (const peer of visitors) {
      table.trust(peer, 7, 70);
      table.heard(peer, -5);
    }
    for (const peer of trusted) table.distrust(peer);
    expect(table.lastHeard(9)).toEqual([visitors[1], visitors[0]]);
  });
});

/** The peers that embed the endpoint, in the order in which they are found. */
function peersAt(table: PeerTable, address: number, port: number): PeerIndex[] {
  const found: PeerIndex[] = [];
  for (
    let peer = table.findByEmbeddedEndpoint(address, port);
    peer !== noPeer;
    peer = table.findNextByEmbeddedEndpoint(peer, address, port)
  ) {
    found.push(peer);
  }
  return found;
}
