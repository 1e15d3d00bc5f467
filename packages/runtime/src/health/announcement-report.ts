/** Why a relay with an announcement table is not announced. */
export type UnannouncedReason = 'no-interface' | 'settling' | 'degraded' | 'draining' | 'route-missing';

export const unannouncedReasons: readonly UnannouncedReason[] = [
  'no-interface',
  'settling',
  'degraded',
  'draining',
  'route-missing',
];

/** Whether the routing daemon beside a relay finds the service prefix in the announcement table. */
export interface AnnouncementReport {
  /** The kernel's number of the routing table. */
  readonly table: number;
  readonly isAnnounced: boolean;
  /** Since when, ISO 8601. */
  readonly since: string;
  /** Absent while the prefix is announced. */
  readonly reason?: UnannouncedReason;
  readonly sentence?: string;
}
