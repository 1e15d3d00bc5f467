export type { RelayAddresses, RelayOptions } from './options.ts';
export { createRelayEngine, type RelayEngine } from './relay-engine.ts';
