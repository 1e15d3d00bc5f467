export { type DeterminationOutputs, type DeterminedInterval, IntervalDetermination } from './interval-determination.ts';
export type { QualificationOptions, TeredoServer } from './options.ts';
export { Qualification, type QualificationOutputs } from './qualification.ts';
export { type Assignment, type ConnectivityStatus, connectivityStatus, type QualificationState } from './state.ts';
