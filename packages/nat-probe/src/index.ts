/**
 * Finds out what kind of NAT a host is behind, with a Teredo server alone. A state machine without sockets or clock.
 *
 * - {@link NatProbe} is the machine: start it, give it what arrives, send what it asks for.
 * - {@link Verdict} is its conclusion: the kind of NAT, the limits and an advice.
 * - {@link verdictOf} derives a verdict from findings.
 *
 * @packageDocumentation
 */

export { type Findings, type NativeAnswer, noFindings, type Passage, type SocketMapping } from './findings.ts';
export type { Limit, Verdict, VerdictName } from './names.ts';
export { NatProbe } from './nat-probe.ts';
export { type ProbeOptions, type ProbeOutputs, type SendDatagram, type Stage, socketsNeeded } from './options.ts';
export { verdictOf } from './verdict.ts';
