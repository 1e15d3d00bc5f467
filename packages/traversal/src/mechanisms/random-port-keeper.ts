import type { DatagramRun, Milliseconds, PortId } from '@navalis/engine';
import type { BubbleBudget } from '../bubble-budget.ts';
import type { BubblePlan } from '../bubble-plan.ts';
import { attemptMs, mostRandomPorts } from '../choices.ts';
import { bubbleSpacingMs, peerRefreshes, peerRefreshMs, validityMs } from '../constants.ts';
import { takeDataPath } from '../peers/data-path.ts';
import type { PathJudge } from '../peers/path-judge.ts';
import { type Paths, pathKinds } from '../peers/paths.ts';
import { noPeer, type PeerIndex, type PeerTable } from '../peers/peer-table.ts';
import type { EchoNonce, EchoTests } from './echo-tests.ts';
import { noSlot, type PortSlot, type RandomPorts, type RandomPortUse } from './random-ports.ts';

const never = Number.POSITIVE_INFINITY;

/** The collaborators of a keeper. */
export interface RandomPortKeeperParts {
  readonly table: PeerTable;
  readonly paths: Paths;
  readonly judge: PathJudge;
  readonly ports: RandomPorts;
  /** None: nothing is predicted. */
  readonly echoTests: EchoTests | undefined;
  readonly plan: BubblePlan;
  readonly budget: BubbleBudget;
}

/**
 * Decides when random ports are opened, refreshed and closed, when the external port of one is determined first, and what a bubble at
 * one of them means (RFC 6081 5.4.4, 5.5.4). The plan sends.
 */
export class RandomPortKeeper {
  readonly #table: PeerTable;
  readonly #paths: Paths;
  readonly #judge: PathJudge;
  readonly #ports: RandomPorts;
  readonly #echoTests: EchoTests | undefined;
  readonly #plan: BubblePlan;
  readonly #budget: BubbleBudget;
  #refreshAt: Milliseconds = never;

  constructor({ table, paths, judge, ports, echoTests, plan, budget }: RandomPortKeeperParts) {
    this.#table = table;
    this.#paths = paths;
    this.#judge = judge;
    this.#ports = ports;
    this.#echoTests = echoTests;
    this.#plan = plan;
    this.#budget = budget;
  }

  /** Starts the Peer Refresh Timer, which runs from the start of the client on (PP-03). */
  start(startedAt: Milliseconds, now: Milliseconds = startedAt): void {
    this.#refreshAt = startedAt + peerRefreshMs * (1 + Math.floor((now - startedAt) / peerRefreshMs));
  }

  stop(): void {
    this.#refreshAt = never;
  }

  /** Sets what random ports are good for: by the flags of 5.4.1, Symmetric and Port-Preserving (PP-04). */
  setNat(isSymmetric: boolean, isPortPreserving: boolean): void {
    const otherwise: RandomPortUse = this.#echoTests === undefined ? 'none' : 'predicted';
    const use = isPortPreserving ? 'preserved' : otherwise;
    this.#ports.use = isSymmetric ? use : 'none';
  }

  /** Returns the peer that this port is open for, or `noPeer`. */
  owner(portId: PortId): PeerIndex {
    return this.#ports.owner(portId);
  }

  /** An indirect bubble of the peer tells a random port; 0 if it does not (PP-14, PP-15, PP-16, PP-28). */
  recordTrailer(peer: PeerIndex, port: number, now: Milliseconds): void {
    const known = this.#ports.peerPort(peer);
    if (port === 0) this.#ports.recordUnmarked(peer);
    else if (known === 0 || known === port) this.#ports.setPeerPort(peer, port, now);
    else if (!this.#isExchanging(peer, now)) {
      this.#ports.setPeerPort(peer, port, now);
      this.close(peer);
    }
  }

  /**
   * An attempt to reach the peer begins. A random port that it told before, and that it was not heard at since, is closed by now; the
   * bubbles of this attempt would keep it from telling another one (PP-15).
   */
  begin(peer: PeerIndex, now: Milliseconds): void {
    if (!this.#table.isValid(peer, now) && now - this.#ports.toldAt(peer) >= attemptMs)
      this.#ports.forgetPeerPort(peer);
  }

  /** An attempt to reach the peer failed, and another one may not begin: both ends close their ports. */
  fail(peer: PeerIndex, now: Milliseconds): void {
    // The next attempt goes on with the port that the peer may know: it ignores another one so soon (PP-15).
    if (!this.#budget.isSpent(peer, now)) return;
    this.close(peer);
    this.#ports.forgetPeerPort(peer);
  }

  /** The direct bubble to the random port of the peer, from the service port, unless one left the own random port (PP-13). */
  sendToPeerPort(peer: PeerIndex, now: Milliseconds): void {
    if (this.#ports.use === 'none') this.#plan.sendToPeerPort(peer, now);
  }

  /**
   * Returns true if the indirect bubble that is due now must wait for the answers to an echo test, which begins or goes on (SPS-05,
   * SPS-16).
   */
  postpones(peer: PeerIndex, now: Milliseconds): boolean {
    const [ports, tests] = [this.#ports, this.#echoTests];
    if (tests === undefined || ports.use !== 'predicted' || this.#table.isUsable(peer, now)) return false;
    const known = ports.slot(peer);
    if (known !== noSlot) return tests.isRunning(known);
    if (!ports.open(peer, now)) return false;
    const slot = ports.slot(peer);
    tests.forget(slot);
    this.#test(slot, now);
    return true;
  }

  /** Returns the nonce that an answer to the peer's echo test carries; undefined if these octets are none of its nonces. */
  findNonce(peer: PeerIndex, bytes: Uint8Array, offset: number): EchoNonce | undefined {
    const tests = this.#echoTests;
    const slot = this.#ports.slot(peer);
    if (tests === undefined) return undefined;
    const [lower, upper] = [tests.nonce(slot, false), tests.nonce(slot, true)];
    if (lower.includes(bytes, offset)) return lower;
    return upper.includes(bytes, offset) ? upper : undefined;
  }

  /** A server sees this external port; with both answers the indirect bubble leaves that was due (SPS-12). */
  recordEcho(peer: PeerIndex, nonce: EchoNonce, port: number, now: Milliseconds): void {
    const tests = this.#echoTests!;
    const slot = this.#ports.slot(peer);
    const predicted = tests.record(slot, nonce.isSecondary, port);
    if (predicted === 0) return;
    tests.end(slot);
    this.#ports.predict(slot, predicted);
    this.#sendPostponed(slot, now);
  }

  /**
   * Returns true if this bubble, from the embedded endpoint or with a matching nonce, may prove another path. Behind NATs of these kinds
   * a peer that is reached stays where it is; one that fell silent there is looked for again (PP-18, PP-19, PP-22, PP-23, PP-24).
   */
  mayMove(peer: PeerIndex, run: DatagramRun, hasNonce: boolean, now: Milliseconds): boolean {
    const [ports, table] = [this.#ports, this.#table];
    if (ports.use === 'none' || !table.isTrusted(peer)) return true;
    if (table.hasEndpoint(peer, run.sourceAddress, run.sourcePort)) return true;
    const kind = this.#judge.provenKind(peer, run, hasNonce, now);
    if (kind !== pathKinds.embedded && !(hasNonce && kind === pathKinds.learned)) return true;
    if (ports.isRandom(peer, run.portId)) {
      this.close(peer);
      this.#lookFor(peer, now);
      return false;
    }
    if (!ports.isReceivedOnPrimary(peer)) return true;
    if (table.isUsable(peer, now)) return false;
    if (this.#isExchanging(peer, now)) return true;
    ports.setReceivedOnPrimary(peer, false);
    table.distrust(peer);
    this.#lookFor(peer, now);
    return false;
  }

  /** A direct bubble of the peer was accepted at this port (PP-17, PP-20, PP-21, PP-29, SPS-14). */
  recordBubble(peer: PeerIndex, portId: PortId): void {
    const ports = this.#ports;
    if (ports.isRandom(peer, portId)) {
      ports.setReceivedOnRandom(peer);
      return;
    }
    ports.setReceivedOnPrimary(peer, true);
    this.close(peer);
  }

  /**
   * Returns true if the peer was just reached at this port and must be told so before any data, from there and with its nonce: at its
   * random port, once (PP-32, SPS-22), or at the service port while it may know the random one, which is closed (PP-20).
   */
  owesGreeting(peer: PeerIndex, portId: PortId): boolean {
    const ports = this.#ports;
    const slot = ports.slot(peer);
    if (slot === noSlot) return false;
    if (!ports.isRandom(peer, portId)) return ports.isReceivedOnRandom(peer) || ports.retriesAt(slot) === never;
    if (ports.isReceivedOnRandom(peer)) return false;
    ports.setReceivedOnRandom(peer);
    ports.setReceivedOnPrimary(peer, false);
    return true;
  }

  /** Closes the port of the peer; packets take another path that was proven, or none (PP-25). */
  close(peer: PeerIndex): void {
    const portId = this.#ports.portId(peer);
    if (portId === undefined) return;
    const isInUse = this.#ports.isInUse(peer);
    this.#ports.close(peer);
    this.#paths.leavePort(peer, portId);
    if (isInUse) takeDataPath(this.#table, this.#paths, peer);
  }

  nextDeadline(): Milliseconds {
    let next = this.#refreshAt;
    // The loop of the data plane asks at each turn, and nearly always none is open.
    if (this.#ports.openCount === 0) return next;
    for (let slot = mostRandomPorts; slot > noSlot; slot--) {
      if (this.#ports.peerAt(slot) !== noPeer) next = Math.min(next, this.#nextOf(slot));
    }
    return next;
  }

  handleDeadline(now: Milliseconds): void {
    for (let slot = mostRandomPorts; slot > noSlot; slot--) {
      if (this.#ports.peerAt(slot) !== noPeer) this.#handleSlot(slot, now);
    }
    if (now < this.#refreshAt) return;
    this.#refreshAt = now + peerRefreshMs;
    for (let slot = mostRandomPorts; slot > noSlot; slot--) {
      this.#echoTests?.forget(slot);
      if (this.#ports.peerAt(slot) !== noPeer) this.#refresh(slot, now);
    }
  }

  #nextOf(slot: PortSlot): Milliseconds {
    const test = this.#echoTests?.deadline(slot) ?? never;
    return Math.min(test, this.#ports.expiresAt(slot), this.#ports.retriesAt(slot));
  }

  #handleSlot(slot: PortSlot, now: Milliseconds): void {
    const [ports, tests, peer] = [this.#ports, this.#echoTests, this.#ports.peerAt(slot)];
    if (tests !== undefined && tests.deadline(slot) <= now) {
      if (!tests.isSpent(slot)) this.#test(slot, now);
      else {
        tests.end(slot);
        this.#sendPostponed(slot, now);
      }
    }
    if (ports.retriesAt(slot) <= now) {
      ports.endRetry(slot);
      if (ports.unmarked(peer) > 0) this.#plan.sendFromRandomPort(peer, now);
    }
    if (ports.expiresAt(slot) > now) return;
    if (ports.isInUse(peer)) ports.setExpiry(slot, never);
    else this.close(peer);
  }

  /** Keeps the mapping of a port open through which the peer is reached, while that may still be of use (PP-05, PP-06, PP-30). */
  #refresh(slot: PortSlot, now: Milliseconds): void {
    const [ports, table, peer] = [this.#ports, this.#table, this.#ports.peerAt(slot)];
    if (!ports.isInUse(peer)) {
      if (ports.expiresAt(slot) === never) this.close(peer);
      return;
    }
    if (now - ports.dataSentAt(slot) < peerRefreshMs) {
      ports.setRefreshes(slot, 0);
    } else if (ports.refreshes(slot) < peerRefreshes) {
      if (now - table.lastTransmission(peer) < bubbleSpacingMs) return;
      ports.setRefreshes(slot, ports.refreshes(slot) + 1);
      this.#plan.refresh(peer);
      table.sent(peer, now);
    } else if (!table.isValid(peer, now)) {
      this.close(peer);
    }
  }

  #test(slot: PortSlot, now: Milliseconds): void {
    this.#plan.sendEchoTest(this.#ports.peerAt(slot), slot);
    this.#echoTests!.begin(slot, now);
  }

  /** Part of the burst or answer that it was due in, whose limits it is under (SPS-21). */
  #sendPostponed(slot: PortSlot, now: Milliseconds): void {
    const peer = this.#ports.peerAt(slot);
    if (!this.#table.isUsable(peer, now)) this.#plan.sendIndirect(peer, now);
  }

  #lookFor(peer: PeerIndex, now: Milliseconds): void {
    if (!this.#budget.allows(peer, now)) return;
    if (!this.postpones(peer, now)) this.#plan.sendIndirect(peer, now);
    this.#budget.record(peer, now);
  }

  /**
   * Something was sent to the peer or came from it in the last 30 s. Of what leaves a port that is in use only data counts: refreshes
   * go on when the peer has closed its port, and would keep it from telling another one.
   */
  #isExchanging(peer: PeerIndex, now: Milliseconds): boolean {
    const [ports, table] = [this.#ports, this.#table];
    const sentAt = ports.isInUse(peer) ? ports.dataSentAt(ports.slot(peer)) : table.lastTransmission(peer);
    return now - Math.max(sentAt, table.lastReception(peer)) < validityMs;
  }
}
