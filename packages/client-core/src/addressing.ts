import type { Ipv4Policy, Ipv6Policy } from '@navalis/address';

/** The service prefix of Teredo addresses, and the policies that addresses must pass. */
export interface Addressing {
  readonly policy: Ipv4Policy;
  readonly ipv6Policy: Ipv6Policy;
  /** First word of Teredo addresses. */
  readonly servicePrefix: number;
}
