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
  #state: LifeState;
  #returnMs: Milliseconds = firstReturnMs;

  constructor(blocker: Blocker | undefined) {
    this.#state =
      blocker === undefined
        ? { kind: 'enabled', since: Number.NEGATIVE_INFINITY }
        : { kind: 'disabled', blocker, deadline: Number.POSITIVE_INFINITY };
  }

  /** Why the client is disabled; undefined while it is enabled. */
  get blocker(): Blocker | undefined {
    return this.#state.kind === 'enabled' ? undefined : this.#state.blocker;
  }

  /** Records the blocker that the host shows at `now`; undefined for none. */
  observe(blocker: Blocker | undefined, now: Milliseconds): void {
    const state = this.#state;
    if (blocker !== undefined) {
      if (state.kind === 'enabled') this.#adaptReturn(now - state.since);
      this.#state = { kind: 'disabled', blocker, deadline: Number.POSITIVE_INFINITY };
    } else if (state.kind === 'disabled') {
      this.#state = { kind: 'returning', blocker: state.blocker, deadline: now + this.#returnMs };
    }
  }

  nextDeadline(): Milliseconds {
    return this.#state.kind === 'enabled' ? Number.POSITIVE_INFINITY : this.#state.deadline;
  }

  handleDeadline(now: Milliseconds): void {
    if (now >= this.nextDeadline()) this.#state = { kind: 'enabled', since: now };
  }

  #adaptReturn(enabledForMs: Milliseconds): void {
    this.#returnMs = enabledForMs < flapWindowMs ? Math.min(2 * this.#returnMs, longestReturnMs) : firstReturnMs;
  }
}

type LifeState =
  | { readonly kind: 'enabled'; readonly since: Milliseconds }
  | { readonly kind: 'disabled' | 'returning'; readonly blocker: Blocker; readonly deadline: Milliseconds };
