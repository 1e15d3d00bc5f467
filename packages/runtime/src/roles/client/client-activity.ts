import type { Ipv6Value } from '@navalis/address';
import type { KeyName } from '@navalis/config';
import type { RoleControl } from '../shared/role-control.ts';

/** The activity of a client without a blocker: a run with a socket, or standby without one. */
export type ClientActivity = Pick<
  RoleControl,
  'start' | 'hostChanged' | 'resumed' | 'reconfigured' | 'status' | 'peerAccess' | 'stop'
>;

/** The keys that choose the routes of a client's interface. */
export const routingKeys: readonly KeyName[] = ['default-route', 'route-metric', 'routing-table'];

/** The address on a client's interface. */
export interface CarriedAddress {
  readonly address: Ipv6Value;
  /** Link MTU in octets. */
  readonly mtu: number;
}
