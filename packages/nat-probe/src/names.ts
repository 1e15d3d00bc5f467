/**
 * The kinds of RFC 6081 figure 1, as far as they can be told without UPnP, and what is no NAT at all.
 *
 * - `none`: the server sees the host's own address and port.
 * - `cone`, `address-restricted`, `port-restricted`: one mapping for all; they differ in whom they let in.
 * - `port-preserving-symmetric`, `sequential-symmetric`, `port-symmetric`, `address-symmetric`: a mapping for each
 *   destination; they differ in how the mapped port and address are chosen.
 * - `restricted`: one mapping for all, but whom it lets in could not be seen.
 * - `blocked`: no answer from the server at all; `half-blocked`: from one of its addresses only.
 */
export type NatName =
  | 'none'
  | 'cone'
  | 'address-restricted'
  | 'port-restricted'
  | 'restricted'
  | 'port-preserving-symmetric'
  | 'sequential-symmetric'
  | 'port-symmetric'
  | 'address-symmetric'
  | 'half-blocked'
  | 'blocked';

/**
 * A limitation although a client gets an address.
 *
 * - `server-forwards-nothing`: the server answers solicitations, but passes no bubbles on.
 * - `native-silent`: an echo to a native host brings nothing back: the server has no IPv6, or there is no relay or no route
 *   to one.
 * - `relay-unheard`: the relay of the native host asks for this host, but its datagrams do not arrive.
 * - `input-displaces-mapping`: a peer that sends first makes the NAT use another port for it.
 * - `large-packets-lost`: a packet of 1280 octets does not arrive while a small one does.
 * - `unclear`: the control failed as well, so silence proves nothing.
 */
export type Limit =
  | 'server-forwards-nothing'
  | 'native-silent'
  | 'relay-unheard'
  | 'input-displaces-mapping'
  | 'large-packets-lost'
  | 'unclear';

export interface Verdict {
  readonly nat: NatName;
  /** Whether a Teredo client gets an address here (RFC 4380 alone). */
  readonly isUsable: boolean;
  /** Limitations although Teredo works, the worst first. */
  readonly limits: readonly Limit[];
  /** Every mapped port seen was the local one. */
  readonly preservesPorts: boolean | undefined;
  /** Step from one mapped port to the next, when they follow each other. */
  readonly portStep: number | undefined;
  /** For the user: what it means for reaching others. */
  readonly meaning: string;
  /** For the user: what would help; empty when nothing needs to. */
  readonly advice: string;
}
