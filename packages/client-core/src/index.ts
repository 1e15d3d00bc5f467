export { type ClientEngine, createClientEngine } from './client-engine.ts';
export type { ClientOptions } from './options.ts';
export { createStandbyEngine, type StandbyEngine } from './standby-engine.ts';
