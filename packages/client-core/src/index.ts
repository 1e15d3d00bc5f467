export { type ClientEngine, createClientEngine } from './client-engine.ts';
export { discoveryEndpoint } from './constants.ts';
export type { LocalLink } from './local-discovery.ts';
export type { ClientOptions } from './options.ts';
export { createStandbyEngine, type StandbyEngine } from './standby-engine.ts';
