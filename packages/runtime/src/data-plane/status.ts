import type { CounterSnapshot, Counters, DropReason, EngineStatus } from '@navalis/engine';
import type { Offload } from '@navalis/netio';
import type { DataPlaneStatus } from './messages.ts';

/** An engine's status with absolute time and with what the devices dropped. `timeOrigin` is when the clock showed 0. */
export function dataPlaneStatus(
  status: EngineStatus,
  devices: Counters,
  offloads: readonly Offload[],
  timeOrigin: number,
): DataPlaneStatus {
  return {
    ...status,
    offloads,
    since: new Date(timeOrigin + status.since).toISOString(),
    counters: withDrops(status.counters, devices.snapshot().drops),
  };
}

function withDrops(counters: CounterSnapshot, more: CounterSnapshot['drops']): CounterSnapshot {
  const drops = { ...counters.drops };
  for (const [reason, count] of Object.entries(more) as [DropReason, number][]) {
    drops[reason] = (drops[reason] ?? 0) + count;
  }
  return { ...counters, drops };
}
