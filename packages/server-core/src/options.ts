import type { Ipv4Policy, Ipv4Value } from '@navalis/address';

export interface ServerOptions {
  /** The address in the clients' prefix; its socket is `service`. */
  readonly primary: Ipv4Value;
  /**
   * The address behind the socket `secondary`. Without it solicitations with the cone bit stay unanswered (SV-C-09).
   */
  readonly secondary: Ipv4Value | undefined;
  readonly policy: Ipv4Policy;
  /** First 32 bits of the service prefix; default 2001:0000 (WF-31). */
  readonly servicePrefix?: number;
  /** False lifts the limits per source, for benchmarks. */
  readonly rateLimit: boolean;
}
