import type { PeerPathKind } from '@navalis/engine';
import { describe, expect, it } from 'vitest';
import type { RandomPorts } from '../src/mechanisms/random-ports.ts';
import { noPathsStatus, PathCounts } from '../src/peers/path-counts.ts';
import { type PathKind, Paths, pathKinds } from '../src/peers/paths.ts';
import type { PeerIndex, PeerTable } from '../src/peers/peer-table.ts';
import { addressOf, insertPeer, tableOf } from './peers.ts';

class Contacts {
  readonly table: PeerTable;
  readonly paths: Paths;
  readonly counts: PathCounts;
  /** The peer that is reached through its random port. */
  isInUse: PeerIndex | undefined;
  #now = 1_000;

  constructor(capacity = 16) {
    this.table = tableOf(capacity);
    this.paths = new Paths(this.table);
    const randomPorts = { isInUse: (peer: PeerIndex) => peer === this.isInUse } as RandomPorts;
    this.counts = new PathCounts(this.table, this.paths, randomPorts);
  }

  /** The peer proves a path of this kind and is heard there. */
  reach(peer: PeerIndex, kind: PathKind): PeerIndex {
    this.paths.prove(this.paths.name(peer, kind, 7, 100 + kind));
    this.table.trust(peer, 7, 100 + kind);
    this.table.heard(peer, ++this.#now);
    return peer;
  }

  /** Returns the kinds that have peers. */
  get seen(): Partial<Record<PeerPathKind, number>> {
    const { counts } = this.counts.status();
    return Object.fromEntries(Object.entries(counts).filter(([, count]) => count > 0));
  }

  get recent(): readonly string[] {
    return this.counts.status().recent.map(({ address, kind }) => `${address.word1} ${kind}`);
  }
}

describe('the paths to peers', () => {
  it('are counted by their kind, each peer once', () => {
    const contacts = new Contacts();
    const [one, two, three, four] = [1, 2, 3, 4].map((number) => insertPeer(contacts.table, number)) as [
      PeerIndex,
      PeerIndex,
      PeerIndex,
      PeerIndex,
    ];
    expect(contacts.seen).toEqual({});
    contacts.reach(one, pathKinds.embedded);
    contacts.reach(one, pathKinds.embedded);
    contacts.reach(two, pathKinds.learned);
    contacts.reach(three, pathKinds.alternate);
    contacts.reach(four, pathKinds.localLink);
    expect(contacts.seen).toEqual({ direct: 1, learned: 1, 'same-nat': 1, 'local-link': 1 });
    contacts.reach(two, pathKinds.embedded);
    expect(contacts.seen).toEqual({ direct: 2, 'same-nat': 1, 'local-link': 1 });
  });

  it('have every kind: where a nonce was before, without the relay, and from a random port', () => {
    const contacts = new Contacts(4);
    const peers = [1, 2, 3, 4].map((number) => insertPeer(contacts.table, number));
    contacts.reach(peers[0]!, pathKinds.earlier);
    contacts.reach(peers[1]!, pathKinds.unrelayed);
    contacts.reach(peers[2]!, pathKinds.learned);
    contacts.isInUse = peers[3];
    contacts.reach(peers[3]!, pathKinds.embedded);
    expect(contacts.seen).toEqual({ learned: 2, 'turn-direct': 1, 'random-port': 1 });
    expect(contacts.recent).toEqual(['4 random-port', '3 learned', '2 turn-direct', '1 learned']);
    contacts.table.clear();
    expect(contacts.seen).toEqual({});
  });

  it('are direct for a peer that is trusted by its address alone', () => {
    const contacts = new Contacts();
    const peer = insertPeer(contacts.table, 1);
    contacts.table.trust(peer, 7, 100);
    expect([contacts.seen, contacts.counts.kindOf(peer)]).toEqual([{ direct: 1 }, 'direct']);
  });

  it('are none, of any kind, for a role without peers', () => {
    expect(noPathsStatus).toEqual({
      counts: {
        direct: 0,
        learned: 0,
        'random-port': 0,
        'same-nat': 0,
        'local-link': 0,
        relay: 0,
        turn: 0,
        'turn-direct': 0,
      },
      recent: [],
    });
  });

  it('of native hosts lead to their relays, whatever proved them', () => {
    const contacts = new Contacts();
    const native = contacts.table.insert(addressOf(0x2a001450, 0, 0, 1), 'solicited', 0);
    contacts.reach(native, pathKinds.learned);
    expect(contacts.seen).toEqual({ relay: 1 });
  });

  it('are counted no more when the peer is distrusted, given up, removed, or all are', () => {
    const contacts = new Contacts();
    const { table } = contacts;
    const reached = [1, 2, 3, 4].map((number) => contacts.reach(insertPeer(table, number), pathKinds.embedded));
    table.distrust(reached[0]!);
    expect(contacts.seen).toEqual({ direct: 3 });
    table.giveUp(reached[1]!);
    table.giveUp(reached[0]!);
    expect(contacts.seen).toEqual({ direct: 2 });
    table.remove(reached[2]!);
    expect(contacts.seen).toEqual({ direct: 1 });
    table.clear();
    expect(contacts.seen).toEqual({});
    contacts.reach(insertPeer(table, 9), pathKinds.learned);
    expect(contacts.seen).toEqual({ learned: 1 });
  });

  it('of those heard last are told, the last one first and eight at most, also of visitors', () => {
    const contacts = new Contacts(100);
    const { table } = contacts;
    for (let number = 1; number <= 20; number++) {
      const standing = number % 2 === 0 ? 'solicited' : 'unsolicited';
      contacts.reach(insertPeer(table, number, standing), pathKinds.embedded);
    }
    insertPeer(table, 21);
    expect(contacts.recent).toEqual([20, 19, 18, 17, 16, 15, 14, 13].map((number) => `${number} direct`));
    contacts.reach(insertPeer(table, 22), pathKinds.learned);
    expect(contacts.recent.slice(0, 2)).toEqual(['22 learned', '20 direct']);
    const [latest] = contacts.counts.status().recent;
    expect(latest).toMatchObject({ endpoint: { address: 7, port: 100 + pathKinds.learned }, heardAt: 1_021 });
    table.clear();
    expect(contacts.recent).toEqual([]);
    contacts.reach(insertPeer(table, 1, 'unsolicited'), pathKinds.embedded);
    expect(contacts.recent).toEqual(['1 direct']);
  });
});
