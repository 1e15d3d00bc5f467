import type { DisabledReason, Milliseconds } from '@navalis/engine';

/** Our choice: how long a hindrance must be gone before the client comes back, at first and at most. */
export const firstReturnMs = 10_000;
export const longestReturnMs = 300_000;

/** Our choice: who is disabled again within this time after a return waits twice as long before the next one. */
export const flapWindowMs = 300_000;

/** What keeps a client from running, and what shows it. */
export interface Hindrance {
  readonly reason: DisabledReason;
  readonly evidence: string | undefined;
}

/**
 * Whether a client runs (CL-U-01, CL-U-05). It stops at once and comes back slowly, so that a network that comes and goes
 * does not make it come and go.
 *
 *     enabled --(a hindrance)--> disabled --(it is gone)--> returning --(10 s to 5 min)--> enabled
 *                                   ^                           |
 *                                   +------(a hindrance)--------+
 */
export class ClientLife {
  #state: LifeState;
  #returnMs: Milliseconds = firstReturnMs;

  constructor(hindrance: Hindrance | undefined) {
    this.#state =
      hindrance === undefined
        ? { kind: 'enabled', since: Number.NEGATIVE_INFINITY }
        : { kind: 'disabled', hindrance, deadline: Number.POSITIVE_INFINITY };
  }

  /** Why the client is disabled; undefined while it is not. */
  get hindrance(): Hindrance | undefined {
    return this.#state.kind === 'enabled' ? undefined : this.#state.hindrance;
  }

  /** What the host has to say now. */
  observe(hindrance: Hindrance | undefined, now: Milliseconds): void {
    const state = this.#state;
    if (hindrance !== undefined) {
      if (state.kind === 'enabled') this.#noteReturn(now - state.since);
      this.#state = { kind: 'disabled', hindrance, deadline: Number.POSITIVE_INFINITY };
    } else if (state.kind === 'disabled') {
      this.#state = { kind: 'returning', hindrance: state.hindrance, deadline: now + this.#returnMs };
    }
  }

  nextDeadline(): Milliseconds {
    return this.#state.kind === 'enabled' ? Number.POSITIVE_INFINITY : this.#state.deadline;
  }

  handleDeadline(now: Milliseconds): void {
    if (now >= this.nextDeadline()) this.#state = { kind: 'enabled', since: now };
  }

  #noteReturn(enabledForMs: Milliseconds): void {
    this.#returnMs = enabledForMs < flapWindowMs ? Math.min(2 * this.#returnMs, longestReturnMs) : firstReturnMs;
  }
}

type LifeState =
  | { readonly kind: 'enabled'; readonly since: Milliseconds }
  | { readonly kind: 'disabled' | 'returning'; readonly hindrance: Hindrance; readonly deadline: Milliseconds };
