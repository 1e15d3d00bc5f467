import type { Ipv4Endpoint } from '@navalis/address';

/** Where a server saw a socket, at each of its addresses; undefined: no answer. */
export interface SocketMapping {
  readonly local: Ipv4Endpoint;
  readonly byPrimary: Ipv4Endpoint | undefined;
  readonly bySecondary: Ipv4Endpoint | undefined;
}

/**
 * Whether a datagram came in: `unknown` when the control, which takes an allowed way at the same time, did not come
 * either, so that silence says nothing.
 */
export type Passage = 'passes' | 'filtered' | 'unknown';

/**
 * The answer of a native host.
 *
 * - `answers`: its echo reply, through a relay.
 * - `relay-only`: a relay's bubbles, so that the reply reached the relay, but not the reply itself.
 * - `silent`: nothing, although the server passes bubbles on.
 * - `unknown`: nothing, and the control failed too.
 */
export type NativeAnswer = 'answers' | 'relay-only' | 'silent' | 'unknown';

/** The observations, without interpretation. */
export interface Findings {
  /** The first is the main socket; the others show how ports are chosen. */
  readonly mappings: readonly SocketMapping[];
  /** Whether every mapped endpoint may be embedded in a Teredo address; undefined without any. */
  readonly isMappedGlobal: boolean | undefined;
  /** The address of the server that advertises the prefix of another server. */
  readonly foreignAddress: 'primary' | 'secondary' | undefined;
  /** A bubble through the server to a socket that the server has just answered. */
  readonly throughServer: Passage | undefined;
  /** From an address that the socket never sent to. */
  readonly fromUnknownAddress: Passage | undefined;
  /** From an address that the socket sent to, but at another port. */
  readonly fromOtherPort: Passage | undefined;
  /** Whether a sender that came first gets another mapped port of the socket than everybody else; undefined: not seen. */
  readonly displacesMapping: boolean | undefined;
  /** Whether two sockets of this host reach each other by their mapped endpoints; undefined when not seen. */
  readonly hairpins: boolean | undefined;
  /** An echo to the native target; undefined when not tried. */
  readonly native: NativeAnswer | undefined;
  /** An echo to the other native target; undefined when not tried, because the first one was not silent. */
  readonly otherNative: NativeAnswer | undefined;
  /** An echo to the native target through another server; undefined when not tried. The probe itself asks one server. */
  readonly throughOtherServer: NativeAnswer | undefined;
  /** An echo of the largest packet of a client to the native target, straight through its relay. */
  readonly largePackets: Passage | undefined;
  /** Octets of the largest packet that passes where the largest of a client do not. */
  readonly largestPacket: number | undefined;
  /** Seconds without traffic that a mapping survived, and did not; undefined when not tried or not seen. */
  readonly survivedSeconds: number | undefined;
  readonly expiredSeconds: number | undefined;
}

export const noFindings: Findings = {
  mappings: [],
  isMappedGlobal: undefined,
  foreignAddress: undefined,
  throughServer: undefined,
  fromUnknownAddress: undefined,
  fromOtherPort: undefined,
  displacesMapping: undefined,
  hairpins: undefined,
  native: undefined,
  otherNative: undefined,
  throughOtherServer: undefined,
  largePackets: undefined,
  largestPacket: undefined,
  survivedSeconds: undefined,
  expiredSeconds: undefined,
};
