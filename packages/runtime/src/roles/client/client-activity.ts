import type { Ipv6Value } from '@navalis/address';
import type { RoleControl } from '../shared/role-control.ts';

/** What a client that nothing hinders is at: a run with a socket, or standby without. */
export type ClientActivity = Pick<RoleControl, 'start' | 'hostChanged' | 'resumed' | 'status' | 'stop'>;

/** What the interface of a client carries. */
export interface CarriedAddress {
  readonly address: Ipv6Value;
  /** Link MTU in octets. */
  readonly mtu: number;
}
