import { Counters, type OpenedPort, type PortId } from '@navalis/engine';
import { describe, expect, it } from 'vitest';
import { noSlot, RandomPorts } from '../src/mechanisms/random-ports.ts';
import { noPeer, type PeerIndex } from '../src/peers/peer-table.ts';
import { insertPeer, tableOf } from './peers.ts';

const never = Number.POSITIVE_INFINITY;

/** The random ports of a table, with these ids, and the ids that were closed; `undefined` where a port was refused. */
function portsWith(capacity: number, ids: Iterable<PortId | undefined>) {
  const table = tableOf(capacity);
  const left = [...ids];
  const closed: PortId[] = [];
  const openRandomPort = (): OpenedPort | undefined => {
    const id = left.shift();
    return id === undefined ? undefined : { id, address: 0, port: 40_000 + id };
  };
  const closeRandomPort = (id: PortId) => void closed.push(id);
  const counters = new Counters();
  const ports = new RandomPorts(table, { openRandomPort, closeRandomPort }, counters);
  return { table, ports, closed, counters };
}

/** The random ports of a full table of four, one open for each peer. */
function fourPorts() {
  const made = portsWith(4, [3, 4, 5, 6, 7]);
  made.ports.use = 'preserved';
  const peers = [1, 2, 3, 4].map((number) => insertPeer(made.table, number));
  for (const peer of peers) made.ports.open(peer, 1_000 * peer);
  return { ...made, peers };
}

const from = (first: number, count: number) => Array.from({ length: count }, (_, index) => first + index);

describe('random ports', () => {
  it('belong to the peer that they are open for, whatever number the data plane gives them', () => {
    const { table, ports } = portsWith(8, [3, 127, 128, 5_000, 9, 3]);
    const peers = [1, 2, 3, 4].map((number) => insertPeer(table, number));
    for (const peer of peers) expect(ports.open(peer, 0)).toBe(true);
    expect([3, 127, 128, 5_000].map((id) => ports.owner(id))).toEqual(peers);
    expect([0, 1, 2, 4, 129, 4_999, 5_001, 100_000].map((id) => ports.owner(id))).toEqual(new Array(8).fill(noPeer));
    ports.close(peers[0]!);
    expect(ports.owner(3)).toBe(noPeer);
    const other = insertPeer(table, 5);
    ports.open(other, 0);
    expect([ports.slot(other), ports.owner(9), ports.owner(3)]).toEqual([1, other, noPeer]);
    ports.close(peers[1]!);
    const last = insertPeer(table, 6);
    ports.open(last, 0);
    expect(ports.owner(3)).toBe(last);
    table.remove(last);
    expect(ports.owner(3)).toBe(noPeer);
  });

  it('[PP-09][PP-27] are one for each peer of a full table, with a slot of its own', () => {
    const { ports, peers, closed } = fourPorts();
    const slots = peers.map((peer) => ports.slot(peer));
    expect([slots, slots.map((slot) => ports.peerAt(slot)), ports.openCount]).toEqual([[1, 2, 3, 4], peers, 4]);
    expect(peers.map((peer) => [ports.portId(peer), ports.announced(peer)])).toEqual([
      [3, 40_003],
      [4, 40_004],
      [5, 40_005],
      [6, 40_006],
    ]);
    expect(peers.map((peer) => from(2, 6).filter((id) => ports.isRandom(peer, id)))).toEqual([[3], [4], [5], [6]]);
    // A port that is open stays the one of its peer.
    expect([ports.open(peers[3]!, 9_000), ports.portId(peers[3]!), ports.openCount, closed]).toEqual([true, 6, 4, []]);
  });

  it('[PP-08] know when data left for their peer, since they were opened', () => {
    const { table, ports } = portsWith(8, [3, 4, 5]);
    const [one, other] = [insertPeer(table, 1), insertPeer(table, 2)];
    ports.recordData(one, 10);
    ports.open(one, 20);
    expect(ports.dataSentAt(ports.slot(one))).toBe(Number.NEGATIVE_INFINITY);
    ports.recordData(one, 30);
    ports.recordData(other, 40);
    expect(ports.dataSentAt(ports.slot(one))).toBe(30);
    const slot = ports.slot(one);
    ports.close(one);
    ports.open(other, 50);
    expect(ports.slot(other)).toBe(slot);
    expect(ports.dataSentAt(slot)).toBe(Number.NEGATIVE_INFINITY);
  });

  it('[SPS-17] announce their number only where the NAT keeps it, else what was predicted', () => {
    const { table, ports } = portsWith(4, [3, 4, 5]);
    const [one, other] = [insertPeer(table, 1), insertPeer(table, 2)];
    expect(ports.announced(one)).toBe(0);
    ports.use = 'predicted';
    ports.open(one, 0);
    ports.open(other, 0);
    expect([ports.announced(one), ports.announced(other)]).toEqual([0, 0]);
    ports.predict(ports.slot(one), 7_001);
    expect([ports.announced(one), ports.announced(other)]).toEqual([7_001, 0]);
    ports.close(one);
    expect(ports.announced(one)).toBe(0);
    ports.use = 'preserved';
    ports.open(one, 0);
    expect(ports.announced(one)).toBe(40_005);
  });

  it('[PP-27] are 64 at most; others are refused, which is counted, until one is closed', () => {
    const { table, ports, counters } = portsWith(100, from(2, 100));
    const peers = from(1, 66).map((number) => insertPeer(table, number));
    expect(peers.map((peer) => ports.open(peer, 0))).toEqual([...new Array(64).fill(true), false, false]);
    expect([ports.openCount, counters.snapshot().portsRefused, ports.slot(peers[64]!)]).toEqual([64, 2, noSlot]);
    expect([ports.slot(peers[0]!), ports.slot(peers[63]!)]).toEqual([1, 64]);
    ports.close(peers[63]!);
    expect([ports.open(peers[65]!, 0), ports.slot(peers[65]!), ports.openCount]).toEqual([true, 64, 64]);
    expect(counters.snapshot().portsRefused).toBe(2);
  });

  it('[PP-27] are 16 at most for peers that the host did not contact', () => {
    const { table, ports, counters } = portsWith(100, from(2, 100));
    const unknown = from(1, 18).map((number) => insertPeer(table, number, 'unsolicited'));
    expect(unknown.map((peer) => ports.open(peer, 0))).toEqual([...new Array(16).fill(true), false, false]);
    expect(counters.snapshot().portsRefused).toBe(2);
    const known = from(50, 48).map((number) => insertPeer(table, number));
    expect(known.map((peer) => ports.open(peer, 0))).toEqual(new Array(48).fill(true));
    ports.close(unknown[3]!);
    ports.close(known[0]!);
    expect([unknown[16]!, unknown[17]!].map((peer) => ports.open(peer, 0))).toEqual([true, false]);
    expect([ports.open(known[0]!, 0), ports.openCount]).toEqual([true, 64]);
  });

  it('[PP-27] are none where the host gives none, and the next one is asked for', () => {
    const { table, ports, counters, closed } = portsWith(4, [undefined, 9]);
    const peer = insertPeer(table, 1);
    expect([ports.open(peer, 0), ports.slot(peer), ports.openCount]).toEqual([false, noSlot, 0]);
    expect([ports.portId(peer), ports.isRandom(peer, 1), ports.isInUse(peer)]).toEqual([undefined, false, false]);
    ports.close(peer);
    expect([closed, ports.openCount, counters.snapshot().portsRefused]).toEqual([[], 0, 0]);
    expect([ports.open(peer, 0), ports.portId(peer)]).toEqual([true, 9]);
  });

  it('[PP-03] are none for a role that opens none, and of no use before the NAT is known', () => {
    const table = tableOf(4);
    const ports = new RandomPorts(table, {}, new Counters());
    expect([ports.use, ports.open(insertPeer(table, 1), 0)]).toEqual(['none', false]);
    const opened = { id: 3, address: 0, port: 40_003 };
    const kept = new RandomPorts(table, { openRandomPort: () => opened }, new Counters());
    const peer = insertPeer(table, 2);
    kept.open(peer, 0);
    kept.close(peer);
    expect(kept.openCount).toBe(0);
  });

  it('[PP-27] are forgotten when they are closed, with all that was known of them', () => {
    const { table, ports, peers, closed } = fourPorts();
    const [peer] = peers as [PeerIndex];
    const slot = ports.slot(peer);
    ports.setReceivedOnPrimary(peer, true);
    ports.setReceivedOnRandom(peer);
    ports.recordUnmarked(peer);
    ports.setPeerPort(peer, 50_000, 2_000);
    ports.setRefreshes(slot, 5);
    ports.setExpiry(slot, 77);
    ports.close(peer);
    ports.close(peer);
    expect([closed, ports.openCount, ports.peerAt(slot), ports.slot(peer)]).toEqual([[3], 3, noPeer, noSlot]);
    expect([ports.isRandom(peer, 3), ports.portId(peer), ports.announced(peer)]).toEqual([false, undefined, 0]);
    expect([ports.isReceivedOnPrimary(peer), ports.isReceivedOnRandom(peer)]).toEqual([true, false]);
    expect([ports.unmarked(peer), ports.peerPort(peer)]).toEqual([0, 50_000]);
    expect([ports.refreshes(slot), ports.expiresAt(slot), ports.retriesAt(slot)]).toEqual([0, never, never]);
    expect(peers.slice(1).map((other) => ports.portId(other))).toEqual([4, 5, 6]);
    table.remove(peers[1]!);
    expect([closed, ports.openCount]).toEqual([[3, 4], 2]);
  });

  it('[PP-27][PP-31] expire 8 s after they were used to look for their peer, and are tried again after 500 ms', () => {
    const { ports, peers } = fourPorts();
    const slots = peers.map((peer) => ports.slot(peer));
    expect(slots.map((slot) => ports.expiresAt(slot))).toEqual([9_000, 10_000, 11_000, 12_000]);
    expect(slots.map((slot) => ports.retriesAt(slot))).toEqual([1_500, 2_500, 3_500, 4_500]);
    ports.touch(peers[1]!, 5_000);
    ports.endRetry(slots[2]!);
    expect(slots.map((slot) => ports.expiresAt(slot))).toEqual([9_000, 13_000, 11_000, 12_000]);
    expect(slots.map((slot) => ports.retriesAt(slot))).toEqual([1_500, 2_500, never, 4_500]);
    ports.setExpiry(slots[3]!, never);
    ports.setRefreshes(slots[3]!, 3);
    expect([ports.expiresAt(slots[3]!), ports.refreshes(slots[3]!), ports.refreshes(slots[2]!)]).toEqual([never, 3, 0]);
    ports.close(peers[0]!);
    ports.touch(peers[0]!, 6_000);
    expect(ports.expiresAt(noSlot)).toBe(never);
  });

  it('[PP-25][PP-27] are in use while data for the trusted peer leaves from there, and expire only after that', () => {
    const { table, ports, peers } = fourPorts();
    const [peer, other] = peers as [PeerIndex, PeerIndex];
    expect(peers.map((each) => ports.isInUse(each))).toEqual([false, false, false, false]);
    table.trust(peer, 0xc6336407, 77, 3);
    table.trust(other, 0xc6336407, 78, 3);
    expect(peers.map((each) => ports.isInUse(each))).toEqual([true, false, false, false]);
    ports.touch(peer, 50_000);
    ports.touch(other, 50_000);
    expect([ports.expiresAt(1), ports.expiresAt(2)]).toEqual([9_000, 58_000]);
    table.distrust(peer);
    expect(ports.isInUse(peer)).toBe(false);
    ports.touch(peer, 50_000);
    expect(ports.expiresAt(1)).toBe(58_000);
  });
});

describe('the random port of a peer', () => {
  it('[PP-14] is known with the time when it was told last, for each peer of a full table', () => {
    const { table, ports } = portsWith(4, [3]);
    const peers = [1, 2, 3, 4].map((number) => insertPeer(table, number));
    expect(peers.map((peer) => ports.isExchanging(peer))).toEqual([false, false, false, false]);
    for (const peer of peers) ports.setPeerPort(peer, 60_000 + peer, 100 * peer);
    expect(peers.map((peer) => [ports.peerPort(peer), ports.toldAt(peer)])).toEqual([
      [60_001, 100],
      [60_002, 200],
      [60_003, 300],
      [60_004, 400],
    ]);
    expect(peers.map((peer) => ports.isExchanging(peer))).toEqual([true, true, true, true]);
    ports.forgetPeerPort(peers[1]!);
    expect(peers.map((peer) => ports.peerPort(peer))).toEqual([60_001, 0, 60_003, 60_004]);
    expect(ports.isExchanging(peers[1]!)).toBe(false);
    ports.open(peers[1]!, 0);
    expect(ports.isExchanging(peers[1]!)).toBe(true);
  });

  it('[PP-31] is missed in indirect bubbles that are counted, up to 255', () => {
    const { table, ports } = portsWith(4, []);
    const peers = [1, 2, 3, 4].map((number) => insertPeer(table, number));
    for (const peer of peers) for (let bubble = 0; bubble < peer; bubble++) ports.recordUnmarked(peer);
    expect(peers.map((peer) => ports.unmarked(peer))).toEqual([1, 2, 3, 4]);
    for (let bubble = 0; bubble < 300; bubble++) ports.recordUnmarked(peers[0]!);
    expect(ports.unmarked(peers[0]!)).toBe(255);
  });

  it('[PP-17][PP-21] is where it was heard, which says nothing of the service port', () => {
    const { table, ports } = portsWith(4, []);
    const peers = [1, 2, 3, 4].map((number) => insertPeer(table, number));
    const heard = () => peers.map((peer) => [ports.isReceivedOnPrimary(peer), ports.isReceivedOnRandom(peer)]);
    ports.setReceivedOnPrimary(peers[1]!, true);
    ports.setReceivedOnRandom(peers[2]!);
    ports.setReceivedOnPrimary(peers[3]!, true);
    ports.setReceivedOnRandom(peers[3]!);
    expect(heard()).toEqual([
      [false, false],
      [true, false],
      [false, true],
      [true, true],
    ]);
    ports.setReceivedOnPrimary(peers[3]!, false);
    expect(heard()[3]).toEqual([false, true]);
  });

  it('[PP-27] is forgotten with the peer, with all that was known of it', () => {
    const { table, ports } = portsWith(1, [3]);
    const peer = insertPeer(table, 1);
    ports.setPeerPort(peer, 60_000, 100);
    ports.setReceivedOnPrimary(peer, true);
    ports.setReceivedOnRandom(peer);
    ports.recordUnmarked(peer);
    table.remove(peer);
    const next = insertPeer(table, 2);
    expect([next, ports.peerPort(next), ports.unmarked(next)]).toEqual([peer, 0, 0]);
    expect([ports.isReceivedOnPrimary(next), ports.isReceivedOnRandom(next)]).toEqual([false, false]);
  });
});
