import type { Ipv4Policy, Ipv6Policy } from '@navalis/address';

/** Which addresses are Teredo addresses, and which of them are good. */
export interface Addressing {
  readonly policy: Ipv4Policy;
  readonly ipv6Policy: Ipv6Policy;
  /** First word of Teredo addresses. */
  readonly servicePrefix: number;
}
