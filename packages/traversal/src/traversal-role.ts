import type { Ipv4Endpoint, Ipv4Value, Ipv6Value } from '@navalis/address';
import type { Milliseconds, OpenedPort, PortId } from '@navalis/engine';
import type { PeerIndex } from './peers/peer-table.ts';

/** The parts of traversal that differ between roles. */
export interface TraversalRole {
  /** The source of the ICMPv6 errors that report an unreachable peer. */
  readonly errorSource: Ipv6Value;
  /** Returns the source of the bubbles that are about to leave for the peer. */
  bubbleSource(peer: PeerIndex): Ipv6Value;
  /** Sends burst number `burst` of an attempt to reach a native host. A role whose peers all have Teredo addresses has none. */
  sendTest?(peer: PeerIndex, burst: number, now: Milliseconds): void;
  /** Whether the peer's announcement on this link still counts. A role that hears no announcements has none. */
  isLocal?(peer: PeerIndex, now: Milliseconds): boolean;
  /** The port that no relay stands behind, while the service port is relayed and peers may be reached without (TU-23). */
  readonly plainPort?: PortId | undefined;
  /** The own endpoints that hosts behind the same NAT may reach, in their order. Only clients tell any. */
  readonly alternates?: readonly Ipv4Endpoint[];
  /** Whether this may be an endpoint of the peer behind the NAT that both share (DD-14). Only clients have such peers. */
  mayBeAlternate?(peer: PeerIndex, address: Ipv4Value, port: number): boolean;
  /** Whether the peer sees this host at another endpoint than the own address embeds. A role without such an address is not. */
  isSeenElsewhere?(peer: PeerIndex): boolean;
  /** Opens a port with a random number, towards one peer; undefined when none is to be had. Only clients open any. */
  openRandomPort?(): OpenedPort | undefined;
  closeRandomPort?(id: PortId): void;
  /** Solicits an address of the own server from a random port (RFC 6081 section 5.5.4.1.1). */
  sendEchoSolicitation?(from: PortId, isSecondary: boolean, nonce: Uint8Array): void;
  /** Whether this is the own mapped endpoint. */
  isOwnEndpoint?(address: Ipv4Value, port: number): boolean;
  /** An attempt failed; the packets that waited are refused after this call. */
  attemptFailed(peer: PeerIndex, now: Milliseconds): void;
}
