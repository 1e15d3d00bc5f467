import type { Milliseconds } from '@navalis/engine';
import { discoveryTypes, noDiscovery } from '@navalis/wire';
import type { Attempts } from '../attempts/attempts.ts';
import type { Rests } from '../attempts/rests.ts';
import type { BubblePlan } from '../bubble-plan.ts';
import { longestSilenceMs } from '../choices.ts';
import { solicitationsPerAttempt } from '../constants.ts';
import { chooseDataPath } from '../peers/data-path.ts';
import { isNonceKind, noPath, type Paths, pathKinds } from '../peers/paths.ts';
import type { PeerIndex, PeerTable } from '../peers/peer-table.ts';
import type { TraversalRole } from '../traversal-role.ts';
import type { Mechanisms } from './mechanisms.ts';
import { type SolicitationPurpose, solicitationPurposes } from './solicitations.ts';

/** The collaborators of a solicitor. */
export interface SolicitorParts {
  readonly role: TraversalRole;
  readonly table: PeerTable;
  readonly paths: Paths;
  readonly mechanisms: Mechanisms;
  readonly plan: BubblePlan;
  readonly attempts: Attempts;
  readonly rests: Rests | undefined;
}

/**
 * Judges whether packets reach a peer that is heard, and asks it directly for an advertisement, which shows that they do (RFC 6081
 * section 5.7). Asks nobody where that extension is off.
 */
export class Solicitor {
  /** Whether the own NAT is symmetric and forwards the service port: bubbles of peers come in that packets do not reach. */
  prefersEmbedded = false;
  readonly #role: TraversalRole;
  readonly #table: PeerTable;
  readonly #paths: Paths;
  readonly #mechanisms: Mechanisms;
  readonly #plan: BubblePlan;
  readonly #attempts: Attempts;
  readonly #rests: Rests | undefined;

  constructor({ role, table, paths, mechanisms, plan, attempts, rests }: SolicitorParts) {
    this.#role = role;
    this.#table = table;
    this.#paths = paths;
    this.#mechanisms = mechanisms;
    this.#plan = plan;
    this.#attempts = attempts;
    this.#rests = rests;
  }

  /** Returns true if peers are asked for advertisements, and asking peers get them (SLR-06). */
  get isOn(): boolean {
    return this.#mechanisms.solicitations !== undefined;
  }

  /** Returns the type for a bubble that also asks for an advertisement. */
  get discoveryType(): number {
    return this.isOn ? discoveryTypes.solicitation : noDiscovery;
  }

  /** Returns why the peer is asked in the running attempt; `none` if it is not. */
  purpose(peer: PeerIndex): SolicitationPurpose {
    return this.#mechanisms.solicitations?.purpose(peer) ?? solicitationPurposes.none;
  }

  /** Returns true if the next solicitation is the last one for its purpose (SLR-05). */
  isLast(peer: PeerIndex): boolean {
    return this.#count(peer) === solicitationsPerAttempt - 1;
  }

  /** Returns true if no more solicitations may leave for this purpose. */
  isSpent(peer: PeerIndex): boolean {
    return this.#count(peer) >= solicitationsPerAttempt;
  }

  /** Begins to ask the peer; the caller sends. Call it only while `isOn`, as `stop`, `record` and `send`. */
  begin(peer: PeerIndex, purpose: SolicitationPurpose): void {
    this.#mechanisms.solicitations!.begin(peer, purpose);
  }

  /** The peer answered, or the attempt ends. */
  end(peer: PeerIndex): void {
    this.#mechanisms.solicitations?.clear(peer);
  }

  /** Counts the last solicitation, after which the peer counts as a new one. */
  stop(peer: PeerIndex): void {
    this.record(peer);
    this.#mechanisms.solicitations!.stop(peer);
  }

  /** Counts a solicitation that leaves in a bubble of another kind. */
  record(peer: PeerIndex): void {
    this.#mechanisms.solicitations!.record(peer);
  }

  /** Outside the limits on bursts, since a solicitation has limits of its own (SLR-12). */
  send(peer: PeerIndex, now: Milliseconds): void {
    this.record(peer);
    this.#attempts.burst(peer, now);
    this.#plan.sendToTarget(peer, discoveryTypes.solicitation);
    this.#table.sent(peer, now);
  }

  /**
   * Returns true for a peer that was reached beyond this link and has been silent for 30 to 300 s. One that must be spoken to through its
   * server first is not solicited (CL-B-14).
   */
  isStale(peer: PeerIndex, now: Milliseconds): boolean {
    const table = this.#table;
    if (!this.isOn || !table.isTeredo(peer) || !table.isTrusted(peer) || table.isValid(peer, now)) return false;
    if (now - table.lastReception(peer) >= longestSilenceMs) return false;
    const path = chooseDataPath(this.#paths, peer);
    if (path === noPath || this.#paths.kind(path) === pathKinds.localLink) return false;
    return this.#rests?.isOver(peer, now) !== true;
  }

  /** Returns true if being heard says nothing about the way to the peer, which can be asked (DD-34). */
  mustVerify(peer: PeerIndex): boolean {
    return this.prefersEmbedded && this.isOn && this.#table.isTeredo(peer);
  }

  /** Returns why the peer is asked after it was sent its nonce, without which it drops all data. */
  purposeAfterNonce(peer: PeerIndex): SolicitationPurpose {
    if (this.mustVerify(peer)) return solicitationPurposes.verify;
    return this.isOn && this.needsNonce(peer) ? solicitationPurposes.confirm : solicitationPurposes.none;
  }

  /**
   * Returns true for a peer that was found by its nonce, at a random port or through the forwarded port, and that sees this host at
   * another endpoint than the own address embeds: it drops data until it gets a bubble with its nonce (RFC 6081 section 6.5).
   */
  needsNonce(peer: PeerIndex): boolean {
    if (this.#mechanisms.nonces === undefined || !this.#table.isTeredo(peer)) return false;
    const path = chooseDataPath(this.#paths, peer);
    if (path === noPath || this.#role.isSeenElsewhere?.(peer) !== true) return false;
    if (isNonceKind(this.#paths.kind(path)) || this.#mechanisms.randomPorts?.isInUse(peer) === true) return true;
    return this.mustVerify(peer);
  }

  /** Returns true if the peer needs a nonce and has sent none that is still good. */
  isHalfOpen(peer: PeerIndex, now: Milliseconds): boolean {
    return this.needsNonce(peer) && !this.hasNonce(peer, now);
  }

  /** Returns true if the peer accepts bubbles with the nonce that it sent last (SNS-15). */
  hasNonce(peer: PeerIndex, now: Milliseconds): boolean {
    return this.#mechanisms.nonces?.isFresh(peer, now) === true;
  }

  #count(peer: PeerIndex): number {
    return this.#mechanisms.solicitations?.count(peer) ?? 0;
  }
}
