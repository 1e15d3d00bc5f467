import { type PathsStatus, type PeerPathKind, peerPathKinds } from '@navalis/engine';
import type { RandomPorts } from '../mechanisms/random-ports.ts';
import { chooseDataPath } from './data-path.ts';
import { noPath, type PathKind, type Paths, pathKinds } from './paths.ts';
import type { PeerIndex, PeerTable, PeerTrustListener } from './peer-table.ts';

/** Our choice: peers of which a status tells the path. */
const recentPeers = 8;

/** The status of a role without peers. */
export const noPathsStatus: PathsStatus = {
  counts: Object.fromEntries(peerPathKinds.map((kind) => [kind, 0])) as PathsStatus['counts'],
  recent: [],
};

/** Stands for a peer without a path. */
const uncounted = 0;

const nameOfKind: Readonly<Record<PathKind, PeerPathKind>> = {
  [pathKinds.embedded]: 'direct',
  [pathKinds.localLink]: 'local-link',
  [pathKinds.learned]: 'learned',
  [pathKinds.alternate]: 'same-nat',
  [pathKinds.earlier]: 'learned',
  [pathKinds.unrelayed]: 'turn-direct',
};

/** Counts the peers that are reached by the kind of their path: kept with each change, so that telling it costs the same for any number. */
export class PathCounts implements PeerTrustListener {
  readonly #table: PeerTable;
  readonly #paths: Paths;
  readonly #randomPorts: RandomPorts | undefined;
  /** 1 + the index of the kind in `peerPathKinds`, by peer. */
  readonly #kinds: Uint8Array;
  /** By those numbers. */
  readonly #counts: Int32Array = new Int32Array(peerPathKinds.length + 1);

  constructor(table: PeerTable, paths: Paths, randomPorts: RandomPorts | undefined) {
    this.#table = table;
    this.#paths = paths;
    this.#randomPorts = randomPorts;
    this.#kinds = new Uint8Array(table.rowCount);
    table.onTrustChange(this);
  }

  peerTrusted(peer: PeerIndex): void {
    this.#set(peer, 1 + peerPathKinds.indexOf(this.kindOf(peer)));
  }

  peerDistrusted(peer: PeerIndex): void {
    this.#set(peer, uncounted);
  }

  status(): PathsStatus {
    const table = this.#table;
    const count = (kind: PeerPathKind): number => this.#counts[1 + peerPathKinds.indexOf(kind)]!;
    return {
      counts: Object.fromEntries(peerPathKinds.map((kind) => [kind, count(kind)])) as PathsStatus['counts'],
      recent: table.lastHeard(recentPeers).map((peer) => ({
        address: table.address(peer),
        kind: this.kindOf(peer),
        endpoint: { address: table.targetAddress(peer), port: table.targetPort(peer) },
        heardAt: table.lastReception(peer),
      })),
    };
  }

  /** Returns the kind of the path that packets to a trusted peer take. */
  kindOf(peer: PeerIndex): PeerPathKind {
    if (!this.#table.isTeredo(peer)) return 'relay';
    if (this.#randomPorts?.isInUse(peer) === true) return 'random-port';
    const path = chooseDataPath(this.#paths, peer);
    return path === noPath ? 'direct' : nameOfKind[this.#paths.kind(path)];
  }

  #set(peer: PeerIndex, kind: number): void {
    this.#counts[this.#kinds[peer]!]! -= 1;
    this.#counts[kind]! += 1;
    this.#kinds[peer] = kind;
  }
}
