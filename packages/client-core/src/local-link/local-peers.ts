import type { Ipv4Value } from '@navalis/address';
import type { Milliseconds } from '@navalis/engine';
import {
  type PathIndex,
  type Paths,
  type PeerIndex,
  type PeerRemovalListener,
  type PeerTable,
  pathKinds,
} from '@navalis/traversal';
import { discoverySpacingMs, localPeerCapacity } from '../choices.ts';
import { localPeerLifetimeMs } from '../constants.ts';

interface LocalPeer {
  readonly peer: PeerIndex;
  /** The time of the last discovery bubble. */
  heardAt: Milliseconds;
  answeredAt: Milliseconds;
}

/**
 * Peers that announce themselves on this link (CL-P-02): at most 64; the one heard longest ago is evicted. The announced endpoint is
 * a path of the peer. An announcement is no proof: the peer table records proof, as a trusted peer whose endpoint is the local
 * one.
 */
export class LocalPeers implements PeerRemovalListener {
  readonly #table: PeerTable;
  readonly #paths: Paths;
  readonly #peers: Map<PeerIndex, LocalPeer> = new Map();

  constructor(table: PeerTable, paths: Paths) {
    this.#table = table;
    this.#paths = paths;
    table.onRemoval(this);
  }

  /** A discovery bubble of the peer came from this endpoint; false when it is not believed (CL-L-14, CL-L-15). */
  note(peer: PeerIndex, address: Ipv4Value, port: number, now: Milliseconds): boolean {
    const known = this.#peers.get(peer);
    if (known === undefined) {
      if (this.#peers.size >= localPeerCapacity && !this.#makeRoom(now)) return false;
      this.#peers.set(peer, { peer, heardAt: now, answeredAt: Number.NEGATIVE_INFINITY });
    } else {
      if (!this.#paths.leadsTo(this.path(peer), address, port) && this.#isProven(peer, now)) return false;
      known.heardAt = now;
    }
    this.#paths.name(peer, pathKinds.localLink, address, port);
    return true;
  }

  /** Returns true if a discovery bubble of the peer was heard in the last 600 s (CL-L-12). */
  isLocal(peer: PeerIndex, now: Milliseconds): boolean {
    const known = this.#peers.get(peer);
    return known !== undefined && now - known.heardAt < localPeerLifetimeMs;
  }

  /** Returns the path that the peer announced. */
  path(peer: PeerIndex): PathIndex {
    return this.#paths.find(peer, pathKinds.localLink);
  }

  /** Returns true if the peer may be answered now, and counts the answer (CL-L-14). Call it only for a peer that was noted. */
  takeAnswer(peer: PeerIndex, now: Milliseconds): boolean {
    const known = this.#peers.get(peer)!;
    if (now - known.answeredAt < discoverySpacingMs) return false;
    known.answeredAt = now;
    return true;
  }

  /** Looks for nobody on the link any more. A peer that is trusted there stays so until it falls silent. */
  clear(): void {
    this.#peers.clear();
  }

  peerRemoved(peer: PeerIndex): void {
    this.#peers.delete(peer);
  }

  /** Trusted at its local endpoint, and heard there in the last 30 s. */
  #isProven(peer: PeerIndex, now: Milliseconds): boolean {
    const path = this.path(peer);
    return (
      this.#table.isUsable(peer, now) &&
      this.#table.hasEndpoint(peer, this.#paths.address(path), this.#paths.port(path))
    );
  }

  #makeRoom(now: Milliseconds): boolean {
    let oldest: LocalPeer | undefined;
    for (const each of this.#peers.values()) {
      if (this.#isProven(each.peer, now)) continue;
      if (oldest === undefined || each.heardAt < oldest.heardAt) oldest = each;
    }
    return oldest !== undefined && this.#peers.delete(oldest.peer);
  }
}
