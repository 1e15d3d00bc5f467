import type { DatagramRun, Milliseconds, SendGate } from '@navalis/engine';
import type { TraversalRole } from '../traversal-role.ts';
import { type PathKind, type Paths, pathKinds } from './paths.ts';
import type { PeerIndex, PeerTable } from './peer-table.ts';

/** The collaborators of a judge. */
export interface PathJudgeParts {
  readonly role: TraversalRole;
  readonly gate: SendGate;
  readonly table: PeerTable;
  readonly paths: Paths;
}

/** The only judge of paths. */
export class PathJudge {
  readonly #role: TraversalRole;
  readonly #gate: SendGate;
  readonly #table: PeerTable;
  readonly #paths: Paths;

  constructor({ role, gate, table, paths }: PathJudgeParts) {
    this.#role = role;
    this.#gate = gate;
    this.#table = table;
    this.#paths = paths;
  }

  /**
   * Returns the kind of path to the peer that the datagram proves; undefined if none. It proves one when it comes from the endpoint
   * that the peer's Teredo address embeds, brings back the nonce that the peer was sent (`hasNonce`), comes from where the trusted
   * peer did so before, or from the endpoint that it announced on this link. Never where the policy for the Internet refuses the
   * endpoint, but for the link and for the NAT that both share. At the plain port only a nonce proves anything (TU-23).
   */
  provenKind(peer: PeerIndex, run: DatagramRun, hasNonce: boolean, now: Milliseconds): PathKind | undefined {
    const { sourceAddress, sourcePort } = run;
    const isAllowed = this.#gate.allows(sourceAddress, sourcePort);
    if (run.portId === this.#role.plainPort) {
      const isProven = isAllowed && (hasNonce || this.#wasProven(peer, pathKinds.unrelayed, run));
      return isProven ? pathKinds.unrelayed : undefined;
    }
    if (this.#table.embeds(peer, sourceAddress, sourcePort)) return isAllowed ? pathKinds.embedded : undefined;
    if (hasNonce && isAllowed) return pathKinds.learned;
    if (hasNonce && this.#role.mayBeAlternate?.(peer, sourceAddress, sourcePort) === true) return pathKinds.alternate;
    if (this.#wasProven(peer, pathKinds.learned, run)) return pathKinds.learned;
    // A peer with a random port may speak from either of its ports.
    if (this.#wasProven(peer, pathKinds.earlier, run)) return pathKinds.learned;
    if (this.#wasProven(peer, pathKinds.alternate, run)) return pathKinds.alternate;
    const announced = this.#paths.find(peer, pathKinds.localLink);
    const isAnnounced = this.#paths.leadsTo(announced, sourceAddress, sourcePort) && this.#role.isLocal?.(peer, now);
    return isAnnounced === true ? pathKinds.localLink : undefined;
  }

  /** Returns true if a nonce that came from there has proven the path of this kind, and the peer is trusted still. */
  #wasProven(peer: PeerIndex, kind: PathKind, { sourceAddress, sourcePort }: DatagramRun): boolean {
    const path = this.#paths.find(peer, kind);
    const isProven = this.#paths.leadsTo(path, sourceAddress, sourcePort) && this.#paths.lastProof(path) > 0;
    return isProven && this.#table.isTrusted(peer);
  }
}
