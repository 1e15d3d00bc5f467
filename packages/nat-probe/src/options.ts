import type { Ipv4Endpoint, Ipv4Policy, Ipv4Value, Ipv6Value } from '@navalis/address';
import type { Milliseconds, RandomSource } from '@navalis/engine';
import { lifetimeTrialsSeconds, sequenceSockets } from './choices.ts';
import type { Findings } from './findings.ts';

/** Sends a UDP payload from one of the sockets, by its number. */
export type SendDatagram = (socket: number, payload: Uint8Array, to: Ipv4Endpoint) => void;

/** The stages of a probe, in this order. */
export type Stage =
  | 'mapping'
  | 'forwarding'
  | 'filtering'
  | 'hairpinning'
  | 'native'
  | 'other-native'
  | 'size'
  | 'lifetime';

export interface ProbeOptions {
  readonly primary: Ipv4Value;
  readonly secondary: Ipv4Value;
  readonly policy: Ipv4Policy;
  /** Where the sockets are bound, as many as `socketsNeeded` says; fresh ones, that nothing was sent from. */
  readonly locals: readonly Ipv4Endpoint[];
  /** The native host that is sent an echo; undefined: none. */
  readonly nativeTarget: Ipv6Value | undefined;
  /** A native host in another network, which is sent an echo when the first one is silent. */
  readonly otherNativeTarget?: Ipv6Value | undefined;
  /** Up to how many seconds the life of mappings is tried; 0: not at all. */
  readonly lifetimeLimitSeconds: number;
  /** Whether the client would get an address behind a symmetric NAT (RFC 6081 5.2). Not by default: RFC 4380 alone. */
  readonly symmetricNatSupport?: boolean;
}

export interface ProbeOutputs {
  readonly send: SendDatagram;
  /** Reports the end of a stage; a stage without meaning behind this NAT is skipped. */
  readonly stageDone: (stage: Stage, findings: Findings, now: Milliseconds) => void;
  readonly random: RandomSource;
}

/** The numbers of sockets by what they are for. */
export const mainSocket = 0;
/** Receives the control bubbles: the NAT always lets the server's datagrams in. */
export const controlSocket = 1;
export const freshSocket: number = sequenceSockets;
export const otherPortSocket: number = sequenceSockets + 1;
export const firstLifetimeSocket: number = sequenceSockets + 2;

/** The seconds after which mappings are tried, within the limit. */
export function lifetimeTrials(limitSeconds: number): readonly number[] {
  return lifetimeTrialsSeconds.filter((seconds) => seconds <= limitSeconds);
}

/** Returns the number of sockets that a probe needs. */
export function socketsNeeded(lifetimeLimitSeconds: number): number {
  return firstLifetimeSocket + lifetimeTrials(lifetimeLimitSeconds).length;
}
