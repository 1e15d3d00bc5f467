import { describe, expect, it } from 'vitest';
import { PeerTraffic } from '../src/peers/peer-traffic.ts';
import { runOf } from './peers.ts';

/** A run of three packets, of 100 octets and a last one of 40. */
const longRun = { ...runOf(1, 100), count: 3, lastPacketLength: 40 };

const countsOf = (traffic: PeerTraffic, peer: number) => [
  traffic.sentPackets(peer),
  traffic.sentOctets(peer),
  traffic.receivedPackets(peer),
  traffic.receivedOctets(peer),
];

describe('the traffic of peers', () => {
  it('is counted in packets and octets, by direction, for each row of the table', () => {
    const traffic = new PeerTraffic(4);
    for (const peer of [0, 1, 2, 3]) {
      traffic.begin(peer, 1_000 * peer);
      for (let sent = 0; sent < peer; sent++) traffic.recordSent(peer, longRun);
      traffic.recordReceived(peer, runOf(1, 50 + peer));
    }
    expect([0, 1, 2, 3].map((peer) => countsOf(traffic, peer))).toEqual([
      [0, 0, 1, 50],
      [3, 240, 1, 51],
      [6, 480, 1, 52],
      [9, 720, 1, 53],
    ]);
    traffic.recordReceived(3, longRun);
    expect(countsOf(traffic, 3)).toEqual([9, 720, 4, 293]);
    expect([1, 2, 3].map((peer) => traffic.since(peer))).toEqual([1_000, 2_000, 3_000]);
  });

  it('begins with nothing for the next peer in the row, and leaves the others alone', () => {
    const traffic = new PeerTraffic(4);
    for (const peer of [1, 2, 3]) {
      traffic.recordSent(peer, longRun);
      traffic.recordReceived(peer, longRun);
      traffic.recordRoundTrip(peer, 10 * peer);
    }
    traffic.begin(2, 500);
    const all = [3, 240, 3, 240];
    expect([1, 2, 3].map((peer) => countsOf(traffic, peer))).toEqual([all, [0, 0, 0, 0], all]);
    expect([1, 2, 3].map((peer) => traffic.roundTripMs(peer))).toEqual([10, Number.NaN, 30]);
    expect(traffic.since(2)).toBe(500);
  });
});
