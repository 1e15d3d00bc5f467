export { type ClientKey, ClientKeys } from './client-keys.ts';
export { type ServerOptions, secondaryPortId } from './options.ts';
export { createServerEngine, type ServerEngine } from './server-engine.ts';
