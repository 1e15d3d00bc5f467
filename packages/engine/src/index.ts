/**
 * The contract of every Teredo protocol machine: synchronous, time and randomness are arguments, results go into a
 * sink.
 *
 * - {@link Engine} is the contract: datagrams, packets and deadlines in.
 * - {@link EngineOutputs} is where the results go: datagrams, packets and events out.
 * - {@link Counters} counts traffic and drops by reason.
 *
 * @packageDocumentation
 */

export { type DeadlineSource, Deadlines } from './deadlines.ts';
export { drawShare } from './draw-share.ts';
export type { Engine, EngineOutputs, RandomSource } from './engine.ts';
export type { Milliseconds } from './milliseconds.ts';
export { type EngineErrorCode, NavalisError } from './navalis-error.ts';
export { type CounterSnapshot, Counters } from './reports/counters.ts';
export { type DropReason, dropReasonNames, dropReasons } from './reports/drop-reasons.ts';
export type {
  AuthenticationFailure,
  EngineEvent,
  OfflineReason,
  TurnFailure,
  TurnTransport,
} from './reports/events.ts';
export {
  type PeerReason,
  type PeerRows,
  type PeerSort,
  type PeerState,
  peerColumnCount,
  peerColumns,
  peerReasons,
  peerSorts,
  peerStates,
} from './reports/peer-rows.ts';
export {
  type ClientStatus,
  type DeadlineReason,
  type EngineLife,
  type EngineStatus,
  type NativeReachabilityStatus,
  type PathsStatus,
  type PeerPath,
  type PeerPathKind,
  peerPathKinds,
  type RelayStatus,
  type ServerStatus,
  type StandbyStatus,
  type TurnStatus,
} from './reports/status.ts';
export {
  createDatagramRun,
  createPacketRun,
  type DatagramRun,
  type OpenedPort,
  type PacketRun,
  type PortId,
  type PortRefusal,
  type PortRequest,
  pointRunAt,
  servicePortId,
} from './runs.ts';
export { Icmpv6Errors } from './sending/icmpv6-errors.ts';
export { RateLimit } from './sending/rate-limit.ts';
export { SendGate } from './sending/send-gate.ts';
