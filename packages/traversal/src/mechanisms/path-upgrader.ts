import type { Counters, Milliseconds } from '@navalis/engine';
import { noDiscovery } from '@navalis/wire';
import type { BubblePlan } from '../bubble-plan.ts';
import { chooseDataPath, takeDataPath } from '../peers/data-path.ts';
import { noPath, type Paths, pathKinds } from '../peers/paths.ts';
import { noPeer, type PeerIndex, type PeerTable } from '../peers/peer-table.ts';
import type { TraversalRole } from '../traversal-role.ts';
import type { Mechanisms } from './mechanisms.ts';
import { Upgrades } from './upgrades.ts';

/** The collaborators of an upgrader. */
export interface PathUpgraderParts {
  readonly role: TraversalRole;
  readonly table: PeerTable;
  readonly paths: Paths;
  readonly mechanisms: Mechanisms;
  readonly plan: BubblePlan;
  readonly counters: Counters;
}

/**
 * Decides when a peer that is reached through a relay is tried without it, and when it is left to the relay again (TU-23 to TU-26). The
 * plan sends, and the judge of paths decides what a bubble at the plain port proves. Does nothing for a role without a plain port.
 */
export class PathUpgrader {
  readonly #role: TraversalRole;
  readonly #table: PeerTable;
  readonly #paths: Paths;
  readonly #mechanisms: Mechanisms;
  readonly #plan: BubblePlan;
  readonly #counters: Counters;
  readonly #upgrades: Upgrades;

  constructor({ role, table, paths, mechanisms, plan, counters }: PathUpgraderParts) {
    this.#role = role;
    this.#table = table;
    this.#paths = paths;
    this.#mechanisms = mechanisms;
    this.#plan = plan;
    this.#counters = counters;
    this.#upgrades = new Upgrades(table);
  }

  /** Returns true if packets to the peer leave from the plain port. */
  isUpgraded(peer: PeerIndex): boolean {
    return this.#table.isTrusted(peer) && this.#table.targetPortId(peer) === this.#role.plainPort;
  }

  /** The peer sent another nonce: the first trial with it is due at once. */
  begin(peer: PeerIndex, now: Milliseconds): void {
    if (!this.#isRelayed(peer, now)) return;
    this.#upgrades.startOver(peer, now);
    this.#plan.sendUpgrade(peer);
  }

  /** The peer answers trials, with a nonce that is too old: trials start over 2 s after it was sent another one. */
  restart(peer: PeerIndex, now: Milliseconds): void {
    if (this.#isRelayed(peer, now)) this.#upgrades.startOver(peer, now);
  }

  /** The peer was just reached, and moved to the plain port if `isMoved`. Else trials begin, unless they go on. */
  follow(peer: PeerIndex, isMoved: boolean, now: Milliseconds): void {
    if (isMoved) this.#counters.pathsUpgraded += 1;
    if (this.isUpgraded(peer)) this.#upgrades.check(peer, now);
    else if (!this.#upgrades.isTried(peer)) this.begin(peer, now);
  }

  /** Asks an upgraded peer that says nothing for a bubble; without one in 2 s it is left to the relay. False for any other peer. */
  doubt(peer: PeerIndex, now: Milliseconds): boolean {
    if (!this.isUpgraded(peer)) return false;
    this.#upgrades.startOver(peer, now);
    this.#plan.sendUpgrade(peer);
    return true;
  }

  /** Leaves an upgraded peer to the relay; false for any other peer. */
  leave(peer: PeerIndex): boolean {
    if (!this.isUpgraded(peer)) return false;
    this.#paths.remove(peer, pathKinds.unrelayed);
    takeDataPath(this.#table, this.#paths, peer);
    return true;
  }

  nextDeadline(): Milliseconds {
    return this.#role.plainPort === undefined ? Number.POSITIVE_INFINITY : this.#upgrades.nextDeadline();
  }

  handleDeadline(now: Milliseconds): void {
    if (this.#role.plainPort === undefined) return;
    // `#check` may leave a peer due, which is not upgraded then, so that the next turn tries it or ends that.
    for (let peer = this.#upgrades.due(now); peer !== noPeer; peer = this.#upgrades.due(now)) {
      if (this.isUpgraded(peer)) this.#check(peer, now);
      else if (this.#isRelayed(peer, now)) this.#try(peer, now);
      else this.#upgrades.end(peer);
    }
  }

  #try(peer: PeerIndex, now: Milliseconds): void {
    this.#upgrades.recordTrial(peer, now);
    this.#plan.sendUpgrade(peer);
  }

  /**
   * An upgraded peer that left the question for a bubble unanswered is left to the relay: it is still due, and so tried next. One that
   * was silent for 30 s is told so by a bubble, since the NAT may forget the mapping of the plain port, and the relay keeps its own.
   */
  #check(peer: PeerIndex, now: Milliseconds): void {
    const isHeard = this.#table.lastReception(peer) >= this.#upgrades.since(peer);
    if (!this.#table.isValid(peer, now)) {
      this.leave(peer);
      this.#plan.sendToTarget(peer, noDiscovery);
    } else if (isHeard || !this.#upgrades.isTried(peer)) {
      this.#upgrades.check(peer, now);
    } else {
      this.leave(peer);
    }
  }

  /** Returns true for a peer that is reached through the relay, and whose nonce is known. */
  #isRelayed(peer: PeerIndex, now: Milliseconds): boolean {
    const { plainPort } = this.#role;
    if (plainPort === undefined || !this.#mechanisms.symmetricNatSupport || this.#mechanisms.nonceOf(peer) === 0)
      return false;
    if (!this.#table.isTeredo(peer) || !this.#table.isUsable(peer, now)) return false;
    const path = chooseDataPath(this.#paths, peer);
    if (path === noPath || this.#paths.kind(path) === pathKinds.localLink) return false;
    return this.#paths.kind(path) !== pathKinds.unrelayed;
  }
}
