export { type CounterSnapshot, Counters } from './counters.ts';
export { Deadlines } from './deadlines.ts';
export { type DropReason, dropReasonNames, dropReasons } from './drop-reasons.ts';
export type { Engine, EngineOutputs, Milliseconds, RandomSource } from './engine.ts';
export type { EngineEvent, NatClass, OfflineReason } from './events.ts';
export { NavalisError, type NavalisErrorCode } from './navalis-error.ts';
export { createPacketRun, type DatagramRun, type PacketRun, pointRunAt, type SocketRole } from './runs.ts';
export type { EngineLife, EngineStatus } from './status.ts';
