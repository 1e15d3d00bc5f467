import type { Milliseconds } from '@navalis/engine';

/** The two functions of a host-specific relay in mode `auto`. */
export type HostFunction = 'relay' | 'client';

/**
 * Our choice: how long a host must lack a global IPv6 address before it becomes a client, and have one before it becomes a
 * relay again. Both fit into the 5 s of HR-18, less the time to notice. The way back takes longer, because new networks
 * often bring addresses that do not last.
 */
export const becomeClientMs = 3_000;
export const becomeRelayMs = 5_000;

/**
 * Chooses the function of a host, relay or client [HR-05, HR-18].
 *
 *     relay  --(last global address removed)--> relay, leaving  --(3 s)--> client
 *     client --(global address added)---------> client, leaving --(5 s)--> relay
 *
 * An address that returns, or disappears again, cancels the change.
 */
export class FunctionChoice {
  #current: HostFunction;
  /** When the other function takes over. */
  #deadline: Milliseconds = Number.POSITIVE_INFINITY;

  constructor(hasGlobalIpv6: boolean) {
    this.#current = functionWith(hasGlobalIpv6);
  }

  get current(): HostFunction {
    return this.#current;
  }

  observe(hasGlobalIpv6: boolean, now: Milliseconds): void {
    if (functionWith(hasGlobalIpv6) === this.#current) this.#deadline = Number.POSITIVE_INFINITY;
    else if (this.#deadline === Number.POSITIVE_INFINITY) {
      this.#deadline = now + (hasGlobalIpv6 ? becomeRelayMs : becomeClientMs);
    }
  }

  nextDeadline(): Milliseconds {
    return this.#deadline;
  }

  handleDeadline(now: Milliseconds): void {
    if (now < this.#deadline) return;
    this.#deadline = Number.POSITIVE_INFINITY;
    this.#current = this.#current === 'relay' ? 'client' : 'relay';
  }
}

function functionWith(hasGlobalIpv6: boolean): HostFunction {
  return hasGlobalIpv6 ? 'relay' : 'client';
}
