/**
 * A deterministic virtual Internet with virtual time, NATs in the terms of RFC 4787, and the real protocol machines.
 *
 * - {@link internet} creates an Internet with nothing in it.
 * - {@link Internet} adds hosts, NATs, servers, clients and relays, and lets time pass.
 * - {@link natKinds} are the kinds of NAT with their behaviour.
 *
 * @packageDocumentation
 */

export * from './network.ts';
export type { ClientNode } from './teredo/client-node.ts';
export type { HostRelayNode, HostRelayNodeParts } from './teredo/host-relay-node.ts';
export { Internet, internet } from './teredo/internet.ts';
export type { RelayNode, RelayNodeParts } from './teredo/relay-node.ts';
export type { ServerNode } from './teredo/server-node.ts';
export type { ClientNodeOptions, RelayNodeOptions, ServerNodeOptions } from './teredo/teredo-options.ts';
export type { TurnNode } from './teredo/turn-node.ts';
