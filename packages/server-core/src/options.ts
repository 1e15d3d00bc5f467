import type { Ipv4Policy, Ipv4Value, Ipv6Prefix } from '@navalis/address';
import type { PortId } from '@navalis/engine';
import type { ClientKeys } from './client-keys.ts';

/** The port of the second address. */
export const secondaryPortId: PortId = 1;

/** The options that may change at run time. */
export type ServerChanges = Partial<
  Pick<
    ServerOptions,
    | 'extraGlobalIpv6'
    | 'strictSourceCheck'
    | 'onlyOwnClients'
    | 'requireSecure'
    | 'solicitationsPerSecond'
    | 'solicitationsBurst'
    | 'forwardsPerSecond'
    | 'rateLimit'
  >
>;

export interface ServerOptions {
  /** The address in the clients' prefix; its port is the service port. */
  readonly primary: Ipv4Value;
  /**
   * The address behind the port `secondaryPortId`. Without it solicitations with the cone bit stay unanswered (SV-C-09).
   */
  readonly secondary: Ipv4Value | undefined;
  readonly policy: Ipv4Policy;
  /** IPv6 ranges to treat as global although reserved. */
  readonly extraGlobalIpv6?: readonly Ipv6Prefix[];
  /** First 32 bits of the service prefix; default 2001:0000 (WF-31). */
  readonly servicePrefix?: number;
  /** Also checks the port of a bubble's source, as in RFC 4380 5.3.1; by default only its address must match (DD-07). */
  readonly strictSourceCheck?: boolean;
  /** Nothing is forwarded to clients of other servers (DD-22); off by default. */
  readonly onlyOwnClients?: boolean;
  /** The clients' secrets, for secure qualification (RFC 4380 5.3.2); they may be replaced at any time. */
  readonly clientKeys?: ClientKeys | undefined;
  /** Whether clients without a secret stay unanswered (SV-R-05). */
  readonly requireSecure?: boolean;
  /** Answers to solicitations for each source address, 50 by default (SV-A-19). */
  readonly solicitationsPerSecond?: number;
  /** Answers at once for a source address that was quiet before, 200 by default. */
  readonly solicitationsBurst?: number;
  /** Forwarded packets for each source address, 200 by default, and twice as many at once (SV-F-14). */
  readonly forwardsPerSecond?: number;
  /** False lifts the limits per source, for benchmarks. */
  readonly rateLimit: boolean;
}
