import type { Milliseconds } from '@navalis/engine';
import { discoveryTypes, noDiscovery } from '@navalis/wire';
import type { BubbleBudget } from '../bubble-budget.ts';
import type { BubblePlan } from '../bubble-plan.ts';
import type { RandomPortKeeper } from '../mechanisms/random-port-keeper.ts';
import type { Solicitor } from '../mechanisms/solicitor.ts';
import type { PeerIndex, PeerTable } from '../peers/peer-table.ts';
import type { TraversalRole } from '../traversal-role.ts';
import type { Attempts } from './attempts.ts';
import type { Rests } from './rests.ts';

/** The collaborators of bursts. */
export interface BurstParts {
  readonly role: TraversalRole;
  readonly table: PeerTable;
  readonly plan: BubblePlan;
  readonly attempts: Attempts;
  readonly budget: BubbleBudget;
  readonly solicitor: Solicitor;
  readonly rests: Rests | undefined;
  readonly randomPorts: RandomPortKeeper | undefined;
}

/** Sends the bubbles of attempts, as far as the limits of RFC 4380 section 5.2.6 permit. */
export class Bursts {
  /** Whether the first burst of each attempt is one bubble, through the peer's server (RL-T-23). */
  startsIndirectly = false;
  readonly #role: TraversalRole;
  readonly #table: PeerTable;
  readonly #plan: BubblePlan;
  readonly #attempts: Attempts;
  readonly #budget: BubbleBudget;
  readonly #solicitor: Solicitor;
  readonly #rests: Rests | undefined;
  readonly #randomPorts: RandomPortKeeper | undefined;

  constructor({ role, table, plan, attempts, budget, solicitor, rests, randomPorts }: BurstParts) {
    this.#role = role;
    this.#table = table;
    this.#plan = plan;
    this.#attempts = attempts;
    this.#budget = budget;
    this.#solicitor = solicitor;
    this.#rests = rests;
    this.#randomPorts = randomPorts;
  }

  /** Sends one burst of an attempt, the first or one more, and waits for its answer. */
  next(peer: PeerIndex, now: Milliseconds): void {
    this.#attempts.burst(peer, now);
    const burst = this.#attempts.bursts(peer);
    if (this.#table.isTeredo(peer)) this.send(peer, !(this.startsIndirectly && burst === 1), now);
    else this.#role.sendTest?.(peer, burst, now);
  }

  /**
   * One burst, direct and through the peer's server, or through the server alone at the start of some attempts and after a
   * rest (RL-T-14, RL-T-16, CL-B-14). When the limits forbid it, the attempt goes on without it (RL-T-17).
   */
  send(peer: PeerIndex, isDirect: boolean, now: Milliseconds): void {
    if (!this.#budget.allows(peer, now) || this.#rests?.isHeldBack(peer, now) === true) return;
    const bursts = this.#attempts.bursts(peer);
    if (bursts <= 1) this.#randomPorts?.begin(peer, now);
    // A peer that hears this host already answers only bubbles that ask; its first answer may have been lost.
    const mayAsk = bursts > 1 && (this.#table.isUsable(peer, now) || !this.#solicitor.isSpent(peer));
    const type = mayAsk ? this.#solicitor.discoveryType : noDiscovery;
    if (this.#rests?.isOver(peer, now) === true) this.#rests.end(peer, now);
    else if (isDirect) this.#plan.sendDirect(peer, bursts, type, now);
    this.sendIndirect(peer, now);
  }

  /** Sends a bubble through the peer's server, at once or after an echo test, and counts it as a burst. */
  sendIndirect(peer: PeerIndex, now: Milliseconds): void {
    if (this.#randomPorts?.postpones(peer, now) !== true) this.#plan.sendIndirect(peer, now);
    this.#budget.record(peer, now);
  }

  /** Asks a peer that is heard once more, in a burst if it needs a nonce of this host, for which it must send its own. */
  ask(peer: PeerIndex, now: Milliseconds): void {
    const solicitor = this.#solicitor;
    const needsBurst = this.#role.isSeenElsewhere?.(peer) === true && !solicitor.hasNonce(peer, now);
    if (!needsBurst || !this.#budget.allows(peer, now)) {
      solicitor.send(peer, now);
      return;
    }
    solicitor.record(peer);
    this.next(peer, now);
  }

  /** Sends the last solicitation. With it the peer counts as new, and is looked for through its server (SLR-05). */
  startOver(peer: PeerIndex, now: Milliseconds): void {
    const table = this.#table;
    this.#attempts.end(peer);
    this.#solicitor.stop(peer);
    this.#plan.sendToTarget(peer, discoveryTypes.solicitation);
    const isSolicited = table.embeds(peer, table.targetAddress(peer), table.targetPort(peer));
    table.distrust(peer);
    this.#attempts.burst(peer, now);
    this.send(peer, !isSolicited, now);
  }
}
