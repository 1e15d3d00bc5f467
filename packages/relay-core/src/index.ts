export type { RelayOptions } from './options.ts';
export { createRelayEngine, type RelayEngine } from './relay-engine.ts';
