import type { Ipv4Value } from '@navalis/address';
import type { Milliseconds } from '@navalis/engine';
import type { PeerIndex, PeerRemovalListener, PeerTable } from '@navalis/traversal';
import { discoverySpacingMs, localPeerCapacity } from './choices.ts';
import { localPeerLifetimeMs } from './constants.ts';

interface LocalPeer {
  readonly peer: PeerIndex;
  address: Ipv4Value;
  port: number;
  /** Of the last discovery bubble. */
  heardAt: Milliseconds;
  answeredAt: Milliseconds;
}

/**
 * Where peers on this link say they are (CL-P-02): at most 64, of which the one heard longest ago gives way. That a peer
 * *is* there is another matter, of which the peer table tells: a trusted peer whose endpoint is the local one.
 */
export class LocalPeers implements PeerRemovalListener {
  readonly #table: PeerTable;
  readonly #peers: Map<PeerIndex, LocalPeer> = new Map();

  constructor(table: PeerTable) {
    this.#table = table;
    table.onRemoval(this);
  }

  get count(): number {
    return this.#peers.size;
  }

  /** A discovery bubble of the peer came from this endpoint; false when it is not believed (CL-L-14, CL-L-15). */
  note(peer: PeerIndex, address: Ipv4Value, port: number, now: Milliseconds): boolean {
    const known = this.#peers.get(peer);
    if (known === undefined) {
      if (this.#peers.size >= localPeerCapacity && !this.#makeRoom(now)) return false;
      this.#peers.set(peer, { peer, address, port, heardAt: now, answeredAt: Number.NEGATIVE_INFINITY });
      return true;
    }
    const isElsewhere = known.address !== address || known.port !== port;
    if (isElsewhere && this.#isProven(known, now)) return false;
    known.address = address;
    known.port = port;
    known.heardAt = now;
    return true;
  }

  /** Whether a discovery bubble of the peer was heard in the last 600 s (CL-L-12). */
  isLocal(peer: PeerIndex, now: Milliseconds): boolean {
    const known = this.#peers.get(peer);
    return known !== undefined && now - known.heardAt < localPeerLifetimeMs;
  }

  /** Whether the peer said that it is at this endpoint. */
  isAt(peer: PeerIndex, address: Ipv4Value, port: number, now: Milliseconds): boolean {
    const known = this.#peers.get(peer);
    return known !== undefined && this.isLocal(peer, now) && known.address === address && known.port === port;
  }

  /** Of a local peer. */
  endpoint(peer: PeerIndex): { readonly address: Ipv4Value; readonly port: number } | undefined {
    return this.#peers.get(peer);
  }

  /** Whether the peer may be answered now; counts the answer (CL-L-14). */
  takeAnswer(peer: PeerIndex, now: Milliseconds): boolean {
    const known = this.#peers.get(peer);
    if (known === undefined || now - known.answeredAt < discoverySpacingMs) return false;
    known.answeredAt = now;
    return true;
  }

  /** Forgets where they are, not the peers themselves. */
  clear(): void {
    this.#peers.clear();
  }

  peerRemoved(peer: PeerIndex): void {
    this.#peers.delete(peer);
  }

  /** Trusted at its local endpoint, and heard there in the last 30 s. */
  #isProven({ peer, address, port }: LocalPeer, now: Milliseconds): boolean {
    return this.#table.isUsable(peer, now) && this.#table.hasEndpoint(peer, address, port);
  }

  #makeRoom(now: Milliseconds): boolean {
    let oldest: LocalPeer | undefined;
    for (const each of this.#peers.values()) {
      if (this.#isProven(each, now)) continue;
      if (oldest === undefined || each.heardAt < oldest.heardAt) oldest = each;
    }
    return oldest !== undefined && this.#peers.delete(oldest.peer);
  }
}
