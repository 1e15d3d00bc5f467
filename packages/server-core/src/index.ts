/**
 * The Teredo server (RFC 4380 section 5.3) as a synchronous engine without state for each client.
 *
 * - {@link createServerEngine} creates the engine from its options, outputs and random source.
 * - {@link ServerOptions} are its settings.
 * - {@link ClientKeys} holds the keys of clients that authenticate themselves.
 *
 * @packageDocumentation
 */

export { type ClientKey, ClientKeys, type VerifiedKey } from './client-keys.ts';
export { type ServerChanges, type ServerOptions, secondaryPortId } from './options.ts';
export { createServerEngine, type ServerEngine } from './server-engine.ts';
