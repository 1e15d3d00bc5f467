import type { Milliseconds } from '@navalis/engine';

/** How long a mapping is asked for: two hours, as RFC 6886 section 3.3 recommends. */
export const requestedLifetimeSeconds = 7_200;

/** Our choice: no mapping is renewed, and no refused request repeated, more often, whatever the router says, nor less often. */
const leastRenewalMs: Milliseconds = 30_000;
const longestRenewalMs: Milliseconds = 3_600_000;

/** Returns when to renew a mapping: at half of its lifetime (RFC 6886 section 3.3, RFC 6887 section 11.2.1). */
export function renewAfterMs(lifetimeSeconds: number): Milliseconds {
  return Math.min(longestRenewalMs, Math.max(leastRenewalMs, 500 * lifetimeSeconds));
}

/** Returns how long a refusal by PCP holds (RFC 6887 section 7.4). */
export function refusedForMs(lifetimeSeconds: number): Milliseconds {
  return Math.min(longestRenewalMs, Math.max(leastRenewalMs, 1_000 * lifetimeSeconds));
}

/** When requests of PCP and NAT-PMP are sent, and when the answer is given up: routers are on the same link. */
export const controlSendAtMs: readonly Milliseconds[] = [0, 250, 500];
export const controlLimitMs: Milliseconds = 750;

/** Our choice: a mapping of UPnP is permanent or lasts a week (WANIPConnection 2, section 2.3.16), and is asked for again so often. */
export const permanentRenewalMs: Milliseconds = 3_600_000;
