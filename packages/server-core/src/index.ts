export type { ServerOptions } from './options.ts';
export { createServerEngine } from './server-engine.ts';
