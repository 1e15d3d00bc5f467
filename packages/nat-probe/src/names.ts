import type { NatBehaviour, NatName } from '@navalis/nat';

/**
 * The kind of NAT, or what there is in place of one.
 *
 * - `none`: the server sees the host's own address and port.
 * - `blocked`: no answer from the server at all; `half-blocked`: from one of its addresses only.
 */
export type VerdictName = NatName | 'none' | 'half-blocked' | 'blocked';

/**
 * A limitation although a client gets an address.
 *
 * - `server-forwards-nothing`: the server answers solicitations, but passes no bubbles on.
 * - `native-silent`: an echo to a native host brings nothing back: there is no route to a relay or no relay, or the server has no
 *   IPv6.
 * - `relay-unheard`: the relay of the native host asks for this host, but its datagrams do not arrive.
 * - `input-displaces-mapping`: a peer that sends first makes the NAT use another port for it.
 * - `symmetric-nat`: relays and peers need RFC 6081 to reach this host, and some peers do not reach it directly at all.
 * - `large-packets-lost`: a packet of 1280 octets does not arrive while a small one does.
 * - `unclear`: the control failed as well, so silence proves nothing.
 */
export type Limit =
  | 'server-forwards-nothing'
  | 'native-silent'
  | 'relay-unheard'
  | 'input-displaces-mapping'
  | 'symmetric-nat'
  | 'large-packets-lost'
  | 'unclear';

export interface Verdict {
  readonly nat: VerdictName;
  /** Whether a Teredo client gets an address here: behind a symmetric NAT with the support of RFC 6081 alone. */
  readonly isUsable: boolean;
  /** Limitations although Teredo works, the worst first. */
  readonly limits: readonly Limit[];
  /** Every mapped port seen was the local one. */
  readonly preservesPorts: boolean | undefined;
  /** Step from one mapped port to the next, when they follow each other. */
  readonly portStep: NatBehaviour['portStep'] | undefined;
  /** For the user: what it means for reaching others. */
  readonly meaning: string;
  /** For the user: what would help; empty when nothing needs to. */
  readonly advice: string;
}
