export { type Findings, type NativeAnswer, noFindings, type Passage, type SocketMapping } from './findings.ts';
export type { Limit, NatName, Verdict } from './names.ts';
export { NatProbe } from './nat-probe.ts';
export { type ProbeOptions, type ProbeOutputs, type Stage, socketsNeeded } from './options.ts';
export { verdictOf } from './verdict.ts';
