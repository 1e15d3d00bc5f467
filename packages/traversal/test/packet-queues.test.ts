import { Counters, createPacketRun, type PacketRun } from '@navalis/engine';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { PeerIndex } from '../src/index.ts';
import { PacketQueues } from '../src/packet-queues.ts';
import { insertPeer, runOf, tableOf } from './peers.ts';

const into = createPacketRun(new Uint8Array(0));

function drain(queues: PacketQueues, peer: PeerIndex): number[] {
  const tags: number[] = [];
  while (queues.dequeue(peer, into)) tags.push(into.memory[into.offset]!);
  return tags;
}

function drainWhole(queues: PacketQueues, peer: PeerIndex): number[][] {
  const packets: number[][] = [];
  while (queues.dequeue(peer, into)) {
    packets.push([...into.memory.slice(into.offset, into.offset + into.packetLength)]);
  }
  return packets;
}

/** A super-segment of UDP whose packets have `octets` octets each; the payload of each reads its number. */
function superSegmentOf(count: number, octets: number): PacketRun {
  const payload = octets - 48;
  const memory = new Uint8Array(48 + count * payload);
  memory.set([0x60, 0, 0, 0, (octets - 40) >> 8, octets - 40, 17, 64], 0);
  for (let octet = 0; octet < count * payload; octet++) memory[48 + octet] = Math.floor(octet / payload);
  return { memory, offset: 0, packetLength: octets, lastPacketLength: octets, count, headerStride: 0 };
}

/** One's complement sum of a UDP packet with its pseudo-header, written to be obviously right. */
function udpSum(packet: Uint8Array): number {
  const words = [17, packet.length - 40];
  for (let at = 8; at < packet.length; at += 2) words.push((packet[at]! << 8) | (packet[at + 1] ?? 0));
  return words.reduce((sum, word) => ((sum + word) % 0x10000) + Math.floor((sum + word) / 0x10000), 0);
}

describe('queues of packets', () => {
  it('[CL-T-09][RL-T-11] give packets back whole and in their order', () => {
    const table = tableOf(4);
    const queues = new PacketQueues(table, 16, new Counters());
    const [first, second] = [insertPeer(table, 1), insertPeer(table, 2)];
    queues.enqueue(first, runOf(1, 1280));
    queues.enqueue(second, runOf(2, 41));
    queues.enqueue(first, runOf(3));
    expect(queues.peek(first, into)).toBe(true);
    expect(into.memory.slice(into.offset, into.offset + into.packetLength)).toEqual(new Uint8Array(1280).fill(1));
    expect(drain(queues, first)).toEqual([1, 3]);
    expect(drain(queues, second)).toEqual([2]);
    expect(queues.count).toBe(0);
  });

  it('[CL-T-18][RL-T-13] hold eight packets for a peer and drop the oldest first', () => {
    const table = tableOf(4);
    const queues = new PacketQueues(table, 16, new Counters());
    const peer = insertPeer(table, 1);
    const lost = Array.from({ length: 10 }, (_, tag) => queues.enqueue(peer, runOf(tag)));
    expect(lost).toEqual([0, 0, 0, 0, 0, 0, 0, 0, 1, 1]);
    expect(drain(queues, peer)).toEqual([2, 3, 4, 5, 6, 7, 8, 9]);
  });

  it('[CL-T-18][RL-T-13] hold up to their capacity in all and drop the oldest of all first', () => {
    const table = tableOf(8);
    const queues = new PacketQueues(table, 4, new Counters());
    const peers = [1, 2, 3].map((number) => insertPeer(table, number));
    const lost = [0, 1, 2, 3, 4, 5].map((tag) => queues.enqueue(peers[tag % 3]!, runOf(tag)));
    expect(lost).toEqual([0, 0, 0, 0, 1, 1]);
    expect(peers.map((peer) => drain(queues, peer))).toEqual([[3], [4], [2, 5]]);
  });

  it('[CL-T-18] take one place for each packet of a run and drop packets that fit no place', () => {
    const table = tableOf(4);
    const queues = new PacketQueues(table, 16, new Counters());
    const peer = insertPeer(table, 1);
    const memory = Uint8Array.from([1, 1, 2, 2, 3]);
    const run = { memory, offset: 0, packetLength: 2, lastPacketLength: 1, count: 3, headerStride: 2 };
    expect(queues.enqueue(peer, run)).toBe(0);
    expect(drainWhole(queues, peer)).toEqual([[1, 1], [2, 2], [3]]);
    // Nothing that can be cut.
    expect(queues.enqueue(peer, { ...run, headerStride: 0 })).toBe(3);
    expect(queues.enqueue(peer, runOf(1, 1281))).toBe(1);
    expect(queues.count).toBe(0);
  });

  it('[CL-T-09][CL-T-18] keep the first packets of a super-segment, each whole', () => {
    const table = tableOf(4);
    const queues = new PacketQueues(table, 16, new Counters());
    const peer = insertPeer(table, 1);
    // UDP of 10 octets for each of ten packets, the last of which has 4.
    const memory = new Uint8Array(48 + 94);
    memory.set([0x60, 0, 0, 0, 0, 18, 17, 64], 0);
    for (let octet = 0; octet < 94; octet++) memory[48 + octet] = Math.floor(octet / 10);
    const run = { memory, offset: 0, packetLength: 58, lastPacketLength: 52, count: 10, headerStride: 0 };
    expect(queues.enqueue(peer, run)).toBe(2);
    const payloads: number[][] = [];
    while (queues.dequeue(peer, into)) {
      const packet = into.memory.slice(into.offset, into.offset + into.packetLength);
      expect([packet[5], packet[45]]).toEqual([18, 18]);
      expect(udpSum(packet)).toBe(0xffff);
      payloads.push([...packet.slice(48)]);
    }
    expect(payloads).toEqual(Array.from({ length: 8 }, (_, index) => Array(10).fill(index)));
    expect(queues.enqueue(peer, { ...run, packetLength: 1_290 })).toBe(10);
  });

  it('[CL-T-18] cut a super-segment of two, up to 1280 octets each and no more', () => {
    const table = tableOf(4);
    const queues = new PacketQueues(table, 16, new Counters());
    const peer = insertPeer(table, 1);
    expect(queues.enqueue(peer, superSegmentOf(2, 1280))).toBe(0);
    const packets = drainWhole(queues, peer);
    expect(packets.map((packet) => [packet.length, ...packet.slice(48)])).toEqual([
      [1280, ...Array(1232).fill(0)],
      [1280, ...Array(1232).fill(1)],
    ]);
    expect(queues.enqueue(peer, superSegmentOf(3, 1281))).toBe(3);
    expect(queues.count).toBe(0);
  });

  it('[CL-T-18][RL-T-13] keep packets of every length apart in a full pool, for every peer of a full table', () => {
    const table = tableOf(3);
    const queues = new PacketQueues(table, 3, new Counters());
    const peers = [1, 2, 3].map((number) => insertPeer(table, number));
    for (const [index, peer] of peers.entries()) queues.enqueue(peer, runOf(index + 1, 1280 - index));
    // The first place is reused, beside the second.
    queues.discard(peers[0]!);
    queues.enqueue(peers[0]!, runOf(4, 1280));
    expect(peers.map((peer) => queues.size(peer))).toEqual([1, 1, 1]);
    expect(peers.map((peer) => drainWhole(queues, peer))).toEqual([
      [Array(1280).fill(4)],
      [Array(1279).fill(2)],
      [Array(1278).fill(3)],
    ]);
  });

  it('[RL-T-12] leave with their peer', () => {
    const table = tableOf(4);
    const queues = new PacketQueues(table, 4, new Counters());
    const peer = insertPeer(table, 1);
    queues.enqueue(peer, runOf(1));
    table.remove(peer);
    expect(queues.count).toBe(0);
    expect(drain(queues, insertPeer(table, 2))).toEqual([]);
  });

  it('[CL-T-18] keep their bounds and their order over any sequence', () => {
    const step = fc.tuple(fc.constantFrom('enqueue', 'dequeue', 'discard'), fc.nat(4));
    fc.assert(
      fc.property(fc.array(step, { maxLength: 300 }), (steps) => {
        const table = tableOf(8);
        const queues = new PacketQueues(table, 12, new Counters());
        const peers = [0, 1, 2, 3, 4].map((number) => insertPeer(table, number));
        let tag = 0;
        for (const [what, which] of steps) {
          const peer = peers[which]!;
          if (what === 'enqueue') queues.enqueue(peer, runOf(tag++ % 256));
          else if (what === 'dequeue') queues.dequeue(peer, into);
          else queues.discard(peer);
          expect(queues.count).toBeLessThanOrEqual(12);
          expect(queues.size(peer)).toBeLessThanOrEqual(8);
          expect(queues.count).toBe(peers.reduce((sum, each) => sum + queues.size(each), 0));
        }
        let rest = queues.count;
        for (const peer of peers) rest -= drain(queues, peer).length;
        expect(rest).toBe(0);
      }),
      { numRuns: 200 },
    );
  });
});
