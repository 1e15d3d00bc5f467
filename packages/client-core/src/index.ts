export { type ClientEngine, createClientEngine } from './client-engine.ts';
export type { ClientOptions } from './options.ts';
