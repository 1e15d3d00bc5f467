import type { ClientStatus, EngineStatus } from '@navalis/engine';
import type { Offload } from '@navalis/netio';
import { isoTime } from '../scheduling/time.ts';
import type { DeviceLosses } from './device-losses.ts';
import type { DataPlaneStatus } from './messages.ts';

/** Returns an engine's status with absolute times, less the packets that devices dropped. `timeOrigin` is the time at clock 0. */
export function dataPlaneStatus(
  { nativeReachability, paths, ...status }: EngineStatus & Partial<Pick<ClientStatus, 'nativeReachability'>>,
  losses: DeviceLosses,
  offloads: readonly Offload[],
  timeOrigin: number,
): DataPlaneStatus {
  const time = (at: number): string => isoTime(timeOrigin + at);
  return {
    ...status,
    offloads,
    since: time(status.since),
    ...(nativeReachability && {
      nativeReachability: { state: nativeReachability.state, since: time(nativeReachability.since) },
    }),
    ...(paths && {
      paths: { ...paths, recent: paths.recent.map((path) => ({ ...path, heardAt: time(path.heardAt) })) },
    }),
    counters: losses.correct(status.counters),
  };
}
