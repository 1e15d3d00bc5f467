import type { RandomSource } from '@navalis/engine';
import { seededRandom } from '@navalis/engine/testing';
import { describe, expect, it } from 'vitest';
import { noPeer } from '../src/index.ts';
import { Alternates } from '../src/mechanisms/alternates.ts';
import { EchoNonce, EchoTests } from '../src/mechanisms/echo-tests.ts';
import { Nonces } from '../src/mechanisms/nonces.ts';
import { Solicitations, solicitationPurposes } from '../src/mechanisms/solicitations.ts';
import { SymmetricPeers } from '../src/mechanisms/symmetric-peers.ts';
import { Upgrades } from '../src/mechanisms/upgrades.ts';
import { alternatesOf, insertPeer, tableOf } from './peers.ts';

/** A table of four peers, all in use; the last one has the last row. */
function fullTable() {
  const table = tableOf(4);
  return { table, peers: [1, 2, 3, 4].map((number) => insertPeer(table, number)) };
}

/** Fills with this octet. */
const octets = (value: number): RandomSource => ({ fill: (target) => void target.fill(value) });

describe('the nonces of peers', () => {
  it('[SNS-03] are of 32 bits, and never 0', () => {
    const { table, peers } = fullTable();
    expect(new Nonces(table, octets(0xab)).draw(peers[0]!, 0)).toBe(0xabababab);
    expect(new Nonces(table, octets(0)).draw(peers[0]!, 0)).toBe(1);
  });

  it('[SNS-08][SNS-15] match for 30 s, each for its peer, in every row', () => {
    const { table, peers } = fullTable();
    const nonces = new Nonces(table, seededRandom(1));
    const drawn = peers.map((peer, index) => nonces.draw(peer, 1_000 * index));
    for (const [index, peer] of peers.entries()) {
      const at = 1_000 * index;
      const nonce = drawn[index]!;
      expect(drawn.map((each) => nonces.isEcho(peer, each, at + 29_999))).toEqual(drawn.map((each) => each === nonce));
      expect([nonces.isEcho(peer, nonce, at + 30_000), nonces.isEcho(peer, 0, at)]).toEqual([false, false]);
      expect(drawn.map((each) => nonces.isLate(peer, each, at + 30_000))).toEqual(drawn.map((each) => each === nonce));
      expect(nonces.isLate(peer, nonce, at + 29_999)).toBe(false);
    }
  });

  it('[TU-25] are none where none was sent, or where the peer left', () => {
    const { table, peers } = fullTable();
    const nonces = new Nonces(table, seededRandom(1));
    expect([nonces.isEcho(peers[1]!, 0, 0), nonces.isLate(peers[1]!, 0, 100_000)]).toEqual([false, false]);
    const nonce = nonces.draw(peers[3]!, 0);
    nonces.recordReceived(peers[3]!, 7, true, 0);
    table.remove(peers[3]!);
    expect([nonces.isEcho(peers[3]!, nonce, 0), nonces.received(peers[3]!)]).toEqual([false, 0]);
  });

  it('[SNS-15][SNS-22] that are received are fresh for 30 s, and only then kept from unknown peers', () => {
    const { table, peers } = fullTable();
    const nonces = new Nonces(table, seededRandom(1));
    for (const [index, peer] of peers.entries()) nonces.recordReceived(peer, 100 + index, true, index);
    expect(peers.map((peer) => nonces.received(peer))).toEqual([100, 101, 102, 103]);
    for (const [index, peer] of peers.entries()) {
      expect([nonces.isFresh(peer, index + 29_999), nonces.isFresh(peer, index + 30_000)]).toEqual([true, false]);
      nonces.recordReceived(peer, 7, false, index + 29_999);
      expect(nonces.received(peer)).toBe(100 + index);
      nonces.recordReceived(peer, 8, false, index + 30_000);
      expect(nonces.received(peer)).toBe(8);
      // That of an unknown peer may be replaced at once by another one, as may any by a known server's.
      nonces.recordReceived(peer, 9, false, index + 30_001);
      expect(nonces.received(peer)).toBe(9);
      nonces.recordReceived(peer, 10, true, index + 30_002);
      nonces.recordReceived(peer, 11, true, index + 30_003);
      expect(nonces.received(peer)).toBe(11);
    }
    expect(nonces.isFresh(insertPeer(table, 9), 0)).toBe(false);
  });
});

describe('the alternate endpoints of peers', () => {
  const trailersWith = (...ports: number[]) =>
    alternatesOf(...ports.map((port) => ({ address: 0x0a000000 + port, port })));
  const listed = (alternates: Alternates, peer: number) =>
    Array.from({ length: alternates.count(peer) }, (_, index) => [
      alternates.address(peer, index) - 0x0a000000,
      alternates.port(peer, index),
    ]);

  it('[HP-11] are kept for each, four at most, and replaced by the next list', () => {
    const { table, peers } = fullTable();
    const alternates = new Alternates(table);
    for (const peer of peers) alternates.replace(peer, trailersWith(...[1, 2, 3, 4].map((port) => 10 * peer + port)));
    for (const peer of peers) {
      expect(listed(alternates, peer)).toEqual([1, 2, 3, 4].map((port) => [10 * peer + port, 10 * peer + port]));
    }
    alternates.replace(peers[1]!, trailersWith(1, 2, 3, 4));
    expect(listed(alternates, peers[2]!)[0]).toEqual([31, 31]);
    alternates.replace(peers[1]!, trailersWith(99));
    expect(listed(alternates, peers[1]!)).toEqual([[99, 99]]);
    expect(listed(alternates, peers[2]!)).toHaveLength(4);
    alternates.replace(peers[3]!, trailersWith());
    expect(listed(alternates, peers[3]!)).toEqual([]);
    table.remove(peers[2]!);
    expect(alternates.count(peers[2]!)).toBe(0);
  });
});

describe('solicitations', () => {
  it('[SLR-02] are counted for each peer with their purpose, and forgotten with the peer', () => {
    const { table, peers } = fullTable();
    const solicitations = new Solicitations(table);
    const { none, wake, verify, confirm } = solicitationPurposes;
    const read = () => peers.map((peer) => [solicitations.purpose(peer), solicitations.count(peer)]);
    for (const [index, purpose] of [wake, verify, confirm, wake].entries()) {
      solicitations.begin(peers[index]!, purpose);
      for (let count = 0; count <= index; count++) solicitations.record(peers[index]!);
    }
    expect(read()).toEqual([
      [wake, 1],
      [verify, 2],
      [confirm, 3],
      [wake, 4],
    ]);
    solicitations.stop(peers[0]!);
    solicitations.clear(peers[1]!);
    solicitations.begin(peers[2]!, verify);
    table.remove(peers[3]!);
    expect(read()).toEqual([
      [none, 1],
      [none, 0],
      [verify, 0],
      [none, 0],
    ]);
  });
});

describe('peers behind symmetric NATs', () => {
  it('[UPNP-12] are marked once, until they leave', () => {
    const { table, peers } = fullTable();
    const symmetric = new SymmetricPeers(table);
    expect([symmetric.mark(peers[3]!), symmetric.mark(peers[3]!), symmetric.mark(peers[0]!)]).toEqual([
      true,
      false,
      true,
    ]);
    expect(peers.map((peer) => symmetric.has(peer))).toEqual([true, false, false, true]);
    table.remove(peers[3]!);
    expect(symmetric.has(peers[3]!)).toBe(false);
  });
});

describe('the trials of peers without the relay', () => {
  it('[TU-23] come after 2 s, and twice as late each time, up to 256 s', () => {
    const { table, peers } = fullTable();
    const upgrades = new Upgrades(table);
    const peer = peers[3]!;
    expect([upgrades.nextDeadline(), upgrades.due(1e9), upgrades.isTried(peer)]).toEqual([
      Number.POSITIVE_INFINITY,
      noPeer,
      false,
    ]);
    for (const seconds of [2, 4, 8, 16, 32, 64, 128, 256, 256, 256]) {
      upgrades.recordTrial(peer, 5_000);
      expect([upgrades.isTried(peer), upgrades.since(peer)]).toEqual([true, 5_000]);
      expect(upgrades.nextDeadline()).toBe(5_000 + 1_000 * seconds);
      expect(upgrades.due(4_999 + 1_000 * seconds)).toBe(noPeer);
      expect(upgrades.due(5_000 + 1_000 * seconds)).toBe(peer);
    }
    upgrades.startOver(peer, 6_000);
    expect(upgrades.nextDeadline()).toBe(8_000);
    upgrades.end(peer);
    upgrades.end(peer);
    expect([upgrades.isTried(peer), upgrades.nextDeadline()]).toEqual([false, Number.POSITIVE_INFINITY]);
  });

  it('[TU-23] end once for each peer: ending those of one that has none changes nothing for others', () => {
    const { table, peers } = fullTable();
    const upgrades = new Upgrades(table);
    for (const peer of peers.slice(0, 3)) upgrades.recordTrial(peer, 0);
    for (const which of [1, 0, 1]) upgrades.end(peers[which]!);
    expect(upgrades.due(2_000)).toBe(peers[2]);
    upgrades.end(peers[2]!);
    expect([upgrades.due(2_000), upgrades.nextDeadline()]).toEqual([noPeer, Number.POSITIVE_INFINITY]);
  });

  it('[TU-26] are followed by checks, 10 s apart, after which trials begin again', () => {
    const { table, peers } = fullTable();
    const upgrades = new Upgrades(table);
    upgrades.recordTrial(peers[0]!, 0);
    upgrades.check(peers[0]!, 1_000);
    expect([upgrades.isTried(peers[0]!), upgrades.nextDeadline(), upgrades.due(11_000)]).toEqual([
      false,
      11_000,
      peers[0],
    ]);
    upgrades.recordTrial(peers[0]!, 11_000);
    expect(upgrades.nextDeadline()).toBe(13_000);
  });

  it('[TU-23] of several peers are due in their order, and end with the peer', () => {
    const { table, peers } = fullTable();
    const upgrades = new Upgrades(table);
    for (const [index, peer] of peers.entries()) upgrades.recordTrial(peer, 100 * index);
    expect(upgrades.due(2_300)).toBe(peers[0]);
    table.remove(peers[0]!);
    expect([upgrades.due(2_300), upgrades.nextDeadline()]).toEqual([peers[1], 2_100]);
    upgrades.check(peers[1]!, 0);
    expect(upgrades.due(2_300)).toBe(peers[2]);
    upgrades.recordTrial(peers[2]!, 2_300);
    upgrades.recordTrial(peers[3]!, 2_300);
    expect([upgrades.nextDeadline(), upgrades.due(6_300)]).toEqual([6_300, peers[2]]);
    expect(upgrades.due(10_000)).toBe(peers[2]);
  });
});

describe('the nonce of an echo test', () => {
  it('[SPS-18] matches eight octets where they stand, once it is drawn', () => {
    const nonce = new EchoNonce(true);
    expect([nonce.isSecondary, nonce.isEmpty]).toEqual([true, true]);
    expect(nonce.includes(new Uint8Array(12), 2)).toBe(false);
    const drawn = nonce.draw(octets(0x5a));
    expect([drawn, nonce.isEmpty]).toEqual([new Uint8Array(8).fill(0x5a), false]);
    const bytes = new Uint8Array(12);
    bytes.set(drawn, 2);
    expect(nonce.includes(bytes, 2)).toBe(true);
    for (let octet = 0; octet < 8; octet++) {
      const changed = bytes.slice();
      changed[2 + octet]! ^= 1;
      expect(nonce.includes(changed, 2)).toBe(false);
    }
    bytes[1] = bytes[10] = 0xff;
    expect(nonce.includes(bytes, 2)).toBe(true);
  });
});

describe('echo tests', () => {
  it('[SPS-09] wait 1 s, then 2 s, and are two in a row, in every slot', () => {
    const tests = new EchoTests(seededRandom(1));
    for (const slot of [1, 64]) {
      expect([tests.isRunning(slot), tests.isSpent(slot), tests.deadline(slot)]).toEqual([
        false,
        false,
        Number.POSITIVE_INFINITY,
      ]);
      tests.begin(slot, 500);
      expect([tests.isRunning(slot), tests.isSpent(slot), tests.deadline(slot)]).toEqual([true, false, 1_500]);
      tests.begin(slot, 1_500);
      expect([tests.isSpent(slot), tests.deadline(slot)]).toEqual([true, 3_500]);
      tests.end(slot);
      expect([tests.isRunning(slot), tests.isSpent(slot)]).toEqual([false, true]);
      tests.forget(slot);
      expect(tests.isSpent(slot)).toBe(false);
      tests.begin(slot, 9_000);
      expect(tests.deadline(slot)).toBe(10_000);
    }
  });

  it('[SPS-11] predict the port between the first answers of both addresses', () => {
    const tests = new EchoTests(seededRandom(1));
    for (const slot of [1, 64]) {
      expect(tests.record(slot, false, 4_000)).toBe(0);
      expect(tests.record(slot, false, 5_000)).toBe(0);
      expect(tests.record(slot, true, 4_003)).toBe(4_001);
      expect(tests.record(slot, true, 6_000)).toBe(4_001);
      tests.forget(slot);
      expect(tests.record(slot, true, 65_535)).toBe(0);
      expect(tests.record(slot, false, 65_533)).toBe(65_534);
    }
  });

  it('[SPS-18] take no answer to either address after their end', () => {
    const tests = new EchoTests(seededRandom(1));
    const drawn = [false, true].map((isSecondary) => tests.draw(64, isSecondary).slice());
    expect(drawn[0]).not.toEqual(drawn[1]);
    const isOpen = () => [false, true].map((which) => tests.nonce(64, which).includes(drawn[which ? 1 : 0]!, 0));
    expect([isOpen(), tests.nonce(64, true).isSecondary, tests.nonce(64, false).isSecondary]).toEqual([
      [true, true],
      true,
      false,
    ]);
    tests.end(64);
    expect(isOpen()).toEqual([false, false]);
  });
});
