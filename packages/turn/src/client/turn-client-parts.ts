import type { Ipv4Endpoint, Ipv4Policy, Ipv4Value } from '@navalis/address';
import type { EngineEvent, Milliseconds, RandomSource } from '@navalis/engine';
import type { TurnCredentials } from '../stun/long-term-credentials.ts';
import type { TurnServer } from './server-rotation.ts';

export interface TurnOptions {
  /** At least one, in order of preference; after a failure the next one is tried. */
  readonly servers: readonly TurnServer[];
  readonly credentials: TurnCredentials;
}

/** The parts of a TURN client. */
export interface TurnClientParts extends TurnOptions {
  /** Addresses that the role needs; they are permitted in one request, and only then is the allocation used. */
  readonly permitted: readonly Ipv4Value[];
  /** Decides which relayed addresses and alternate servers are accepted. */
  readonly policy: Ipv4Policy;
  readonly random: RandomSource;
}

/** Where a TURN client's results go. */
export interface TurnClientOutputs {
  /** Sends one message to the server, at the endpoint that datagrams for it go to. */
  transmit(message: Uint8Array, remote: Ipv4Endpoint): void;
  /** Takes a local port that no allocation had before: servers remember those that had one. False when none can be had. */
  renewPort(): boolean;
  /** The allocation is there, with the permissions that the role needs. */
  allocated(relayed: Ipv4Endpoint, now: Milliseconds): void;
  /** The allocation is gone; another one is asked for. */
  lost(): void;
  /** The server answered about an address: datagrams to it may go, or not. */
  permissionKnown(address: Ipv4Value, isGranted: boolean): void;
  report(event: EngineEvent): void;
}
