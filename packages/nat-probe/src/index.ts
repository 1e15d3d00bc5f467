export type { Findings, Passage, SocketMapping } from './findings.ts';
export { NatProbe } from './nat-probe.ts';
export { type ProbeOptions, type ProbeOutputs, type Stage, socketsNeeded } from './options.ts';
export { type NatName, type Verdict, verdictOf } from './verdict.ts';
