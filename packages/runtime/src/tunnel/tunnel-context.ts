import type { ControlContext } from '../roles/shared/role-control.ts';

/** What a tunnel interface needs of the machine and of the program. */
export type TunnelContext = Pick<
  ControlContext,
  'runIp' | 'interfaces' | 'announcements' | 'logger' | 'degradations' | 'clock'
>;
