import type { EngineStatus } from '@navalis/engine';
import type { DeviceLosses, Offload } from '@navalis/netio';
import type { DataPlaneStatus } from './messages.ts';

/** An engine's status with absolute time, and less what the devices dropped. `timeOrigin` is when the clock showed 0. */
export function dataPlaneStatus(
  status: EngineStatus,
  losses: DeviceLosses,
  offloads: readonly Offload[],
  timeOrigin: number,
): DataPlaneStatus {
  return {
    ...status,
    offloads,
    since: new Date(timeOrigin + status.since).toISOString(),
    counters: losses.correct(status.counters),
  };
}
