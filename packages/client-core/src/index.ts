/**
 * The Teredo client (RFC 4380 section 5.2) as a synchronous engine without sockets, clock or randomness.
 *
 * - {@link createClientEngine} creates the engine from its options, outputs and random source.
 * - {@link ClientOptions} are its settings.
 * - {@link createRelayedClientEngine} creates one whose service port is an allocation on a TURN server.
 * - {@link createStandbyEngine} creates the placeholder engine for an idle client, which owns only the tunnel
 *   interface.
 *
 * @packageDocumentation
 */

export { type ClientEngine, createClientEngine } from './client-engine.ts';
export { discoveryEndpoint } from './constants.ts';
export type { LocalLink } from './local-link/local-discovery.ts';
export type { ClientOptions } from './options.ts';
export { createRelayedClientEngine, type RelayedOptions } from './relayed/relayed-client.ts';
export { createStandbyEngine, type StandbyEngine } from './standby-engine.ts';
