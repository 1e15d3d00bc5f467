import type { Ipv4Endpoint, Ipv6Value } from '@navalis/address';
import type { Milliseconds, OfflineReason } from '@navalis/engine';
import type { NatClass } from '@navalis/nat';
import { solicitationTimeoutMs } from './constants.ts';
import type { TeredoServer } from './options.ts';

/** The address of a qualified client, with its server and mapping. */
export interface Assignment {
  readonly server: TeredoServer;
  readonly address: Ipv6Value;
  readonly mapped: Ipv4Endpoint;
  readonly nat: NatClass;
  /** Link MTU in octets. */
  readonly mtu: number;
}

/**
 * A client's connectivity (RFC 4380 5.2.1 and 5.2.5). The phase with the cone bit set runs first when enabled (RFC 5991 3.2).
 *
 *     initial
 *        | start, or with the cone phase: soliciting-cone --- RA from the secondary address ---> qualified
 *        |                                     |
 *        | <--------- silent, 3 x 4 s ---------+
 *        v                 silent, 3 x 4 s: server-silent
 *     soliciting-primary ------------------------------------+
 *        |       ^         mapped address not global         |
 *        | RA    |                                           v
 *        |       +--- retry, or the network changed --- off-line
 *        v                                                   ^
 *     soliciting-secondary ----------------------------------+
 *        |                 silent, 3 x 4 s: secondary-silent
 *        | RA, same mapping                                  ^
 *        v                 RA, other mapping: symmetric      |
 *     qualified <-------+                                    |
 *        | 22.5 to 30 s | RA; another mapping gives          |
 *        | of silence   | another address                    |
 *        v              |                                    |
 *     refreshing -------+--- RA, mapped address not global --+
 *        |                                                   ^
 *        | silent, 12 x 1 s, then each 5 s                   |
 *        +--- another server sees the same mapping, or the NAT is symmetric: qualified with that one
 *        +--- a peer was heard within 30 s: goes on refreshing
 *        +--- nobody answers: server-silent ------------------+
 *
 * `deadline` is the state's one timer.
 */
export type QualificationState =
  | { readonly kind: 'initial' }
  | { readonly kind: 'soliciting-cone'; readonly transmissions: number; readonly deadline: Milliseconds }
  | { readonly kind: 'soliciting-primary'; readonly transmissions: number; readonly deadline: Milliseconds }
  | {
      readonly kind: 'soliciting-secondary';
      readonly transmissions: number;
      readonly deadline: Milliseconds;
      /** The mapping that the primary address saw. */
      readonly mapped: Ipv4Endpoint;
      readonly mtu: number;
    }
  | { readonly kind: 'qualified'; readonly assignment: Assignment; readonly deadline: Milliseconds }
  | {
      readonly kind: 'refreshing';
      readonly assignment: Assignment;
      readonly since: Milliseconds;
      readonly transmissions: number;
      readonly deadline: Milliseconds;
    }
  | { readonly kind: 'off-line'; readonly reason: OfflineReason; readonly deadline: Milliseconds };

/** The state as RFC 4380 5.2.1 names it. */
export type ConnectivityStatus = 'initial' | 'starting' | 'qualified' | 'off-line';

export function connectivityStatus(state: QualificationState): ConnectivityStatus {
  switch (state.kind) {
    case 'initial':
    case 'off-line':
    case 'qualified':
      return state.kind;
    case 'soliciting-cone':
    case 'soliciting-primary':
    case 'soliciting-secondary':
      return 'starting';
    case 'refreshing':
      return 'qualified';
  }
}

/** A state in which a server is solicited for an address. */
type Soliciting = Extract<QualificationState, { kind: `soliciting-${string}` }>;

/** Returns whether a server is solicited for an address. */
export function isSoliciting(state: QualificationState): state is Soliciting {
  return connectivityStatus(state) === 'starting';
}

/** Returns the fields of a soliciting state after one more transmission. */
export function nextTransmission(earlier: number, now: Milliseconds): Pick<Soliciting, 'transmissions' | 'deadline'> {
  return { transmissions: earlier + 1, deadline: now + solicitationTimeoutMs };
}
