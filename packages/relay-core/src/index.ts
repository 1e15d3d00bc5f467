/**
 * The Teredo relay (RFC 4380 section 5.4) and the host-specific relay as a synchronous engine.
 *
 * - {@link createRelayEngine} creates the engine from its options, outputs and random source.
 * - {@link RelayOptions} are its settings.
 * - {@link RelayEngine} is the engine: the common contract, and what the control plane may change.
 *
 * @packageDocumentation
 */

export { newPeersPerSecond, relayPeers } from './constants.ts';
export type { RelayAddresses, RelayChanges, RelayOptions } from './options.ts';
export { createRelayEngine, type RelayEngine } from './relay-engine.ts';
