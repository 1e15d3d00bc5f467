import type { Ipv6Value } from '@navalis/address';
import type { RoleControl } from '../shared/role-control.ts';

/** The activity of a client without a blocker: a run with a socket, or standby without one. */
export type ClientActivity = Pick<
  RoleControl,
  'start' | 'hostChanged' | 'resumed' | 'reconfigured' | 'status' | 'peerAccess' | 'stop'
>;

/** The address on a client's interface. */
export interface CarriedAddress {
  readonly address: Ipv6Value;
  /** Link MTU in octets. */
  readonly mtu: number;
}
