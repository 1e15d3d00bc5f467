import type { ClientStatus, EngineStatus } from '@navalis/engine';
import type { Offload } from '@navalis/netio';
import { isoTime } from '../scheduling/time.ts';
import type { DeviceLosses } from './device-losses.ts';
import type { LoopReport } from './loop/loop-load.ts';
import type { DataPlaneStatus } from './messages.ts';

/** The state of a data plane besides its engine. */
export interface DataPlaneFacts {
  readonly losses: DeviceLosses;
  readonly offloads: readonly Offload[];
  readonly loop: LoopReport;
  /** The wall-clock time at clock 0, by the present wall clock. */
  readonly timeOrigin: number;
}

/** Returns an engine's status with absolute times, less the packets that devices dropped. */
export function dataPlaneStatus(
  { nativeReachability, paths, ...status }: EngineStatus & Partial<Pick<ClientStatus, 'nativeReachability'>>,
  { losses, offloads, loop, timeOrigin }: DataPlaneFacts,
): DataPlaneStatus {
  const time = (at: number): string => isoTime(timeOrigin + at);
  return {
    ...status,
    offloads,
    loop,
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
