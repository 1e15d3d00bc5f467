import type { Milliseconds } from '@navalis/engine';
import type { HostFunction } from '../../status/status-report.ts';

/**
 * Our choice: how long a host must be without a global IPv6 address until it becomes a client, and with one until it becomes
 * a relay again. Both are within the 5 s of HR-18, less what it takes to notice; the way back is the longer one, because new
 * networks come with addresses that do not last.
 */
export const becomeClientMs = 3_000;
export const becomeRelayMs = 5_000;

/**
 * Which function a host has, the relay's or the client's (HR-05, HR-18).
 *
 *     relay  --(the last global address goes)--> relay, leaving  --(3 s)--> client
 *     client --(a global address comes)-------> client, leaving --(5 s)--> relay
 *
 * While it is leaving, an address that comes back, or goes again, ends that.
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
