import type { ControlContext } from '../roles/shared/role-control.ts';

/** The parts of the machine and the program that a tunnel interface needs. */
export type TunnelContext = Pick<
  ControlContext,
  'runIp' | 'interfaces' | 'announcements' | 'logger' | 'degradations' | 'upkeep' | 'time'
>;
