/**
 * The control plane of the Navalis programs: command line, configuration, interfaces and routes, status and signals.
 *
 * - {@link runProgram} runs a program until a signal ends it.
 * - {@link Program} says which program: its role, version and data plane.
 * - {@link StatusReport} is what `status --json` prints.
 *
 * @packageDocumentation
 */

export type { EndpointText } from '@navalis/address';
export type { HostFunction } from '@navalis/life';
export { diagnosisConclusions } from './diagnosis/exit-status.ts';
export type { AnnouncementReport, UnannouncedReason } from './health/announcement-report.ts';
export type { DegradationReason } from './health/degradation-reasons.ts';
export type { Degradation } from './health/degradations.ts';
export type { TunnelRoute, TunnelRoutes, UpkeepReport } from './health/upkeep.ts';
export type { QueueReport } from './host/datagram-queues.ts';
export {
  type CommandDescription,
  commandDescriptions,
  type ParameterDescription,
} from './program/command-descriptions.ts';
export type { Program } from './program/program.ts';
export { runProgram } from './program/run-program.ts';
export type { StreamDropReason } from './roles/client/turn/stream-drops.ts';
export type { Cause, RecentPeer, RefusedReload, StatusReport, TurnReport } from './status/status-report.ts';
export type { WaitingReason } from './waiting/needs.ts';
export type { LoopReport } from './worker/loop/loop-load.ts';
export type { NativeReachability, ProgramCounters, ProgramDropReason } from './worker/messages.ts';
