import type { Ipv6Value } from '@navalis/address';
import type { DropReason, PeerPathKind, PeerReason, PeerState } from '@navalis/engine';

/** Our choice: watches at once. */
export const mostWatches = 8;

/** A request to follow the packets of one peer, and to ping it. */
export interface WatchRequest {
  readonly peer: Ipv6Value;
  /** Undefined: only what others send is told. */
  readonly ping?: PingRequest;
}

export interface PingRequest {
  /** The address that the echo requests carry. */
  readonly source: Ipv6Value;
  /** Undefined: until the watch ends. */
  readonly count: number | undefined;
}

/**
 * The way of a datagram to a peer: to its endpoint, through its server, or to another endpoint. To a native host: through the server of
 * this client, or through a relay.
 */
export type PeerRoute = 'direct' | 'server' | 'elsewhere' | 'own-server' | 'relay';

interface Packets<Packet> {
  /** The kind of the packet and its trailers, such as `bubble with nonce`. */
  readonly packet: Packet;
  /** Packets that share the decision. */
  readonly count: number;
  readonly octets: number;
}

interface EndpointOf {
  readonly address: string;
  readonly port: number;
}

/** One decision about a packet of the peer, or a change that followed from it. */
export type WatchEvent<Packet = string> =
  /** A datagram arrived from the peer. */
  | ({ readonly kind: 'received'; readonly from: EndpointOf } & Packets<Packet> & Verdict<'accepted' | 'delivered'>)
  /** The host, or a ping, sends a packet to the peer. */
  | ({ readonly kind: 'taken' } & Packets<Packet> & Verdict<'sent' | 'queued'>)
  /** A datagram leaves for the peer. */
  | ({ readonly kind: 'sent'; readonly to: EndpointOf; readonly route: PeerRoute } & Packets<Packet>)
  /** The peer stands otherwise than before; `unknown` without a row in the peer table. */
  | {
      readonly kind: 'state';
      readonly state: PeerState | 'unknown';
      readonly reason?: PeerReason;
      readonly path?: PeerPathKind;
      readonly endpoint?: EndpointOf;
    }
  /** An echo request goes to the engine. */
  | { readonly kind: 'request'; readonly sequence: number }
  | { readonly kind: 'reply'; readonly sequence: number; readonly roundTripMs: number }
  /** `reason` tells why this program dropped the request; absent when it left or waited for a path. */
  | { readonly kind: 'no-reply'; readonly sequence: number; readonly reason?: DropReason }
  /** More happened than is told. */
  | { readonly kind: 'left-out'; readonly count: number }
  /** All echo requests were sent and answered, or given up. */
  | { readonly kind: 'done' };

/**
 * An event as the data plane tells it: the octets of a single packet stand for its text, so that the worker does not load the code that
 * explains packets.
 */
export type TracedEvent = WatchEvent<string | Uint8Array>;
export type TracedPackets = Packets<string | Uint8Array>;

interface Verdict<Good extends string> {
  readonly verdict: Good | 'dropped';
  /** The reason of a packet that was dropped. */
  readonly reason?: DropReason;
}

/** A watch that a data plane carries out. */
export interface PeerWatcher {
  /** Called with each event, and the time on the wall clock. */
  event(event: TracedEvent, atMs: number): void;
  /** The data plane ended. */
  ended(): void;
}
