import type { Milliseconds, PacketRun } from '@navalis/engine';

const [sentPackets, sentOctets, receivedPackets, receivedOctets] = [0, 1, 2, 3] as const;
const countsPerPeer = 4;

/**
 * Packets and octets to and from each peer, in typed arrays: data as UDP payloads, without bubbles and tests. The counts of a peer lie
 * together. Row 0 takes those of datagrams that belong to no peer.
 */
export class PeerTraffic {
  readonly #counts: Float64Array;
  readonly #since: Float64Array;
  readonly #roundTrips: Float32Array;

  /** `rowCount` is that of the peer table. */
  constructor(rowCount: number) {
    this.#counts = new Float64Array(countsPerPeer * rowCount);
    this.#since = new Float64Array(rowCount);
    this.#roundTrips = new Float32Array(rowCount);
  }

  /** A peer is new in this row. */
  begin(peer: number, now: Milliseconds): void {
    this.#counts.fill(0, countsPerPeer * peer, countsPerPeer * (peer + 1));
    this.#since[peer] = now;
    this.#roundTrips[peer] = Number.NaN;
  }

  recordSent(peer: number, run: PacketRun): void {
    const at = countsPerPeer * peer;
    this.#counts[at + sentPackets]! += run.count;
    this.#counts[at + sentOctets]! += (run.count - 1) * run.packetLength + run.lastPacketLength;
  }

  recordReceived(peer: number, run: PacketRun): void {
    const at = countsPerPeer * peer;
    this.#counts[at + receivedPackets]! += run.count;
    this.#counts[at + receivedOctets]! += (run.count - 1) * run.packetLength + run.lastPacketLength;
  }

  /** Records the time from a bubble or test to its answer. */
  recordRoundTrip(peer: number, ms: Milliseconds): void {
    this.#roundTrips[peer] = ms;
  }

  sentPackets(peer: number): number {
    return this.#counts[countsPerPeer * peer + sentPackets]!;
  }

  sentOctets(peer: number): number {
    return this.#counts[countsPerPeer * peer + sentOctets]!;
  }

  receivedPackets(peer: number): number {
    return this.#counts[countsPerPeer * peer + receivedPackets]!;
  }

  receivedOctets(peer: number): number {
    return this.#counts[countsPerPeer * peer + receivedOctets]!;
  }

  /** Returns when the peer came into the table. */
  since(peer: number): Milliseconds {
    return this.#since[peer]!;
  }

  /** Returns the last round trip that was measured; `NaN` if none was. */
  roundTripMs(peer: number): Milliseconds {
    return this.#roundTrips[peer]!;
  }
}
