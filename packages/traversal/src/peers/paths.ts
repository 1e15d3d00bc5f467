import type { Ipv4Value } from '@navalis/address';
import { type PortId, servicePortId } from '@navalis/engine';
import { LinkedLists } from './linked-lists.ts';
import type { PeerIndex, PeerRemovalListener, PeerTable } from './peer-table.ts';

/**
 * The source of a path's endpoint: the peer's Teredo address, its announcement on this link, or a nonce that came back from
 * there; as `alternate` from an endpoint behind the NAT that both share, as `earlier` before another one was learned, as `unrelayed` at
 * the plain port of a host whose service port is relayed.
 */
export const pathKinds = { embedded: 0, localLink: 1, learned: 2, alternate: 3, earlier: 4, unrelayed: 5 } as const;
export type PathKind = (typeof pathKinds)[keyof typeof pathKinds];

/** Returns true for a path that only a nonce can prove. */
export function isNonceKind(kind: PathKind): boolean {
  return kind !== pathKinds.embedded && kind !== pathKinds.localLink;
}

/** A row of the paths; `noPath` when there is none. Valid until the path or its peer is removed. */
export type PathIndex = number;
export const noPath: PathIndex = 0;

const kindCount = Object.keys(pathKinds).length;

/**
 * The paths to each peer, in typed arrays: the remote endpoint and where it comes from, the port of this host that leads there,
 * and when it was proven among all proofs. A row is taken when a path is first named, and at most one of each kind for a peer.
 */
export class Paths implements PeerRemovalListener {
  readonly #kinds: Uint8Array;
  readonly #addresses: Uint32Array;
  readonly #ports: Uint16Array;
  readonly #portIds: Uint16Array;
  readonly #proofs: Float64Array;
  readonly #byPeer: LinkedLists;
  readonly #freed: Int32Array;
  #freedCount = 0;
  #freshRow = 1;
  #proofCount = 0;

  constructor(table: PeerTable) {
    const capacity = kindCount * table.capacity;
    const rows = capacity + 1;
    this.#kinds = new Uint8Array(rows);
    this.#addresses = new Uint32Array(rows);
    this.#ports = new Uint16Array(rows);
    this.#portIds = new Uint16Array(rows);
    this.#proofs = new Float64Array(rows);
    this.#byPeer = new LinkedLists(table.rowCount, capacity);
    this.#freed = new Int32Array(capacity);
    table.onRemoval(this);
  }

  /** The first path of the peer, and the one after a path; `noPath` at the end. */
  first(peer: PeerIndex): PathIndex {
    return this.#byPeer.head(peer);
  }

  next(path: PathIndex): PathIndex {
    return this.#byPeer.next(path);
  }

  find(peer: PeerIndex, kind: PathKind): PathIndex {
    let path = this.first(peer);
    while (path !== noPath && this.#kinds[path] !== kind) path = this.next(path);
    return path;
  }

  address(path: PathIndex): Ipv4Value {
    return this.#addresses[path]!;
  }

  port(path: PathIndex): number {
    return this.#ports[path]!;
  }

  /** Returns the port of this host that the path leaves from. */
  portId(path: PathIndex): PortId {
    return this.#portIds[path]!;
  }

  /** Returns where the path's endpoint comes from. Call it only for a path. */
  kind(path: PathIndex): PathKind {
    return this.#kinds[path]! as PathKind;
  }

  leadsTo(path: PathIndex, address: Ipv4Value, port: number): boolean {
    return path !== noPath && this.#addresses[path] === address && this.#ports[path] === port;
  }

  /** Returns the number of this path's last proof: the higher the later; 0 if there was none, and for `noPath`. */
  lastProof(path: PathIndex): number {
    return this.#proofs[path]!;
  }

  /**
   * Names the endpoint of the peer's path of this kind, and returns the path. At another endpoint than before it is unproven, and
   * leaves from the port that is open from the start.
   */
  name(peer: PeerIndex, kind: PathKind, address: Ipv4Value, port: number): PathIndex {
    const known = this.find(peer, kind);
    if (this.leadsTo(known, address, port)) return known;
    const path = known === noPath ? this.#add(peer, kind) : known;
    this.#addresses[path] = address;
    this.#ports[path] = port;
    this.#portIds[path] = servicePortId;
    this.#proofs[path] = 0;
    return path;
  }

  /** Names a learned endpoint, and returns the path. With `keepsLast` the one before stays known as the earlier one. */
  learn(peer: PeerIndex, address: Ipv4Value, port: number, keepsLast: boolean): PathIndex {
    const last = this.find(peer, pathKinds.learned);
    if (!keepsLast) {
      this.remove(peer, pathKinds.earlier);
    } else if (this.#proofs[last]! > 0 && !this.leadsTo(last, address, port)) {
      const proof = this.#proofs[last]!;
      const earlier = this.name(peer, pathKinds.earlier, this.#addresses[last]!, this.#ports[last]!);
      this.#portIds[earlier] = this.#portIds[last]!;
      this.#proofs[earlier] = proof;
    }
    return this.name(peer, pathKinds.learned, address, port);
  }

  /** Records that the peer has proven this path, to this port of the host. */
  prove(path: PathIndex, portId: PortId = servicePortId): void {
    this.#portIds[path] = portId;
    this.#proofCount += 1;
    this.#proofs[path] = this.#proofCount;
  }

  /** The port is closed: the peer's paths that left from there are unproven. */
  leavePort(peer: PeerIndex, portId: PortId): void {
    for (let path = this.first(peer); path !== noPath; path = this.next(path)) {
      if (this.#portIds[path] !== portId) continue;
      this.#portIds[path] = servicePortId;
      this.#proofs[path] = 0;
    }
  }

  /** Forgets the peer's path of this kind, if there is one. */
  remove(peer: PeerIndex, kind: PathKind): void {
    const path = this.find(peer, kind);
    if (path !== noPath) this.#release(peer, path);
  }

  peerRemoved(peer: PeerIndex): void {
    for (let path = this.first(peer); path !== noPath; path = this.first(peer)) this.#release(peer, path);
  }

  #add(peer: PeerIndex, kind: PathKind): PathIndex {
    const path = this.#freedCount > 0 ? this.#freed[--this.#freedCount]! : this.#freshRow++;
    this.#kinds[path] = kind;
    this.#byPeer.append(peer, path);
    return path;
  }

  #release(peer: PeerIndex, path: PathIndex): void {
    this.#byPeer.remove(peer, path);
    this.#freed[this.#freedCount++] = path;
  }
}
