/**
 * The client side of STUN and TURN (RFC 8489, RFC 8656) as synchronous machines without sockets, clock or randomness.
 *
 * - {@link RelayedPort} makes an allocation on a TURN server the service port of an engine.
 * - {@link TurnClient} asks for an allocation, keeps it, and replaces it when it is lost.
 * - {@link readStunMessage} and {@link StunWriter} are the codec.
 *
 * @packageDocumentation
 */

export type { Channels } from './client/channels.ts';
export type { PermissionState, Permissions } from './client/permissions.ts';
export type { TurnServer } from './client/server-rotation.ts';
export { TurnClient, type TurnState } from './client/turn-client.ts';
export type { TurnClientOutputs, TurnClientParts, TurnOptions } from './client/turn-client-parts.ts';
export {
  channelDataHeaderOctets,
  RelayedPort,
  type RelayedPortParts,
  type RelayedRole,
  type RelayOutputs,
  type RelayWatcher,
} from './relayed-port.ts';
export { stunAttributes, stunClasses, stunMethods } from './stun/constants.ts';
export {
  type IntegrityHash,
  isAuthentic,
  longTermKey,
  type PasswordAlgorithm,
  type TurnCredentials,
  userHash,
} from './stun/long-term-credentials.ts';
export { readStunMessage, type StunRefusal } from './stun/read-message.ts';
export { type AttributePlace, type EndpointPlace, StunLayout } from './stun/stun-layout.ts';
export { StunWriter } from './stun/stun-writer.ts';
export { parseTurnUri, type TurnUri } from './uri.ts';
