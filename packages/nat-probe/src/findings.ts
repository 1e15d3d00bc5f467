import type { Ipv4Endpoint } from '@navalis/address';

/** Where a server saw a socket, at each of its addresses; undefined: no answer. */
export interface SocketMapping {
  readonly local: Ipv4Endpoint;
  readonly byPrimary: Ipv4Endpoint | undefined;
  readonly bySecondary: Ipv4Endpoint | undefined;
}

/**
 * Whether a datagram came in: `unknown` when the same by an allowed way did not come either, so that silence says nothing.
 */
export type Passage = 'passes' | 'filtered' | 'unknown';

/** What was seen, without any opinion. */
export interface Findings {
  /** The first is the main socket; the others show how ports are chosen. */
  readonly mappings: readonly SocketMapping[];
  /** From an address that the socket never sent to. */
  readonly fromStranger: Passage | undefined;
  /** From an address that the socket sent to, but at another port. */
  readonly fromOtherPort: Passage | undefined;
  /** Whether two sockets of this host reach each other by their mapped endpoints; undefined when not tried. */
  readonly hairpins: boolean | undefined;
  /** Seconds without traffic that a mapping survived, and did not; undefined when not tried or not seen. */
  readonly survivedSeconds: number | undefined;
  readonly expiredSeconds: number | undefined;
}

export const noFindings: Findings = {
  mappings: [],
  fromStranger: undefined,
  fromOtherPort: undefined,
  hairpins: undefined,
  survivedSeconds: undefined,
  expiredSeconds: undefined,
};
