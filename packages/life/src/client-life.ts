import type { Milliseconds } from '@navalis/engine';
import type { DisabledReason } from './control-events.ts';

/** Our choice: how long a blocker must be gone before the client returns, at first and at most. */
export const firstReturnMs = 10_000;
export const longestReturnMs = 300_000;

/** Our choice: a client that is disabled again within this time after its return doubles the next wait. */
export const flapWindowMs = 300_000;

/** A reason that keeps a client from running. */
export interface Blocker {
  readonly reason: DisabledReason;
  /** The evidence, such as an address; undefined when the reason is enough. */
  readonly evidence: string | undefined;
}

/**
 * Decides whether a client runs [CL-U-01, CL-U-05]. It stops at once and returns slowly, so that a network that flaps does not
 * make the client flap.
 *
 *     enabled --(blocked)--> disabled --(blocker gone)--> returning --(10 s to 5 min)--> enabled
 *                               ^                             |
 *                               +----------(blocked)----------+
 */
export class ClientLife {
  #blocker: Blocker | undefined;
  /** When a client that is returning runs again. */
  #deadline: Milliseconds = Number.POSITIVE_INFINITY;
  #enabledSince: Milliseconds = Number.NEGATIVE_INFINITY;
  #returnMs: Milliseconds = firstReturnMs;

  constructor(blocker: Blocker | undefined) {
    this.#blocker = blocker;
  }

  /** Why the client is disabled; undefined while it is enabled. */
  get blocker(): Blocker | undefined {
    return this.#blocker;
  }

  /** Records the blocker that the host shows at `now`; undefined for none. */
  observe(blocker: Blocker | undefined, now: Milliseconds): void {
    if (blocker !== undefined) {
      if (this.#blocker === undefined) this.#adaptReturn(now - this.#enabledSince);
      this.#blocker = blocker;
      this.#deadline = Number.POSITIVE_INFINITY;
    } else if (this.#blocker !== undefined && this.#deadline === Number.POSITIVE_INFINITY) {
      this.#deadline = now + this.#returnMs;
    }
  }

  nextDeadline(): Milliseconds {
    return this.#deadline;
  }

  handleDeadline(now: Milliseconds): void {
    if (now < this.#deadline) return;
    this.#blocker = undefined;
    this.#deadline = Number.POSITIVE_INFINITY;
    this.#enabledSince = now;
  }

  #adaptReturn(enabledForMs: Milliseconds): void {
    this.#returnMs = enabledForMs < flapWindowMs ? Math.min(2 * this.#returnMs, longestReturnMs) : firstReturnMs;
  }
}
