import type { Ipv4Endpoint, Ipv4Value, Ipv6Value } from '@navalis/address';
import type { NatClass } from '@navalis/nat';
import type { Milliseconds } from '../milliseconds.ts';
import type { PortRefusal } from '../runs.ts';

/** Why a client is off-line (CL-Q). */
export type OfflineReason =
  /** This host has no IPv4 route to the server. */
  | 'no-route'
  | 'server-silent'
  | 'no-authenticated-answer'
  | 'secondary-silent'
  | 'symmetric'
  | 'mapped-not-global'
  /** No TURN server gives an allocation to a client that uses one; its status has the `TurnFailure`. */
  | 'turn-unavailable';

/** How a TURN server is reached. */
export type TurnTransport = 'udp' | 'tcp' | 'tls';

/** Why a TURN server gave no allocation (TU-10). */
export type TurnFailure =
  /** No response, or no connection. */
  | 'silent'
  /** No local port could be opened. */
  | 'no-port'
  | 'wrong-credentials'
  | 'forbidden'
  | 'quota-reached'
  | 'no-capacity'
  /** The server still knows another allocation of the same local port. */
  | 'allocation-mismatch'
  | 'unsupported-transport'
  | 'relayed-address-not-global'
  /** It named another server that the client must not or cannot follow to. */
  | 'alternate-server-refused'
  /** It gives no permission for the addresses of the Teredo server. */
  | 'server-not-permitted'
  /** Any other error. */
  | 'refused';

/** Why a server refused a solicitation (SV-R-05). */
export type AuthenticationFailure = 'no-identifier' | 'unknown-identifier' | 'wrong-secret';

/** An event that an engine reports to the control plane, and the control plane to the user. Never emitted per packet. */
export type EngineEvent =
  | { readonly kind: 'qualification-started'; readonly server: Ipv4Value }
  | {
      readonly kind: 'address-assigned';
      readonly address: Ipv6Value;
      readonly mapped: Ipv4Endpoint;
      readonly server: Ipv4Value;
      readonly nat: NatClass;
      /** Link MTU in octets. */
      readonly mtu: number;
    }
  /** The Teredo address is no longer usable; the interface must not carry it. */
  | { readonly kind: 'address-lost'; readonly address: Ipv6Value }
  /** A server that is preferred to the present one answers again; its address is assigned next. */
  | { readonly kind: 'server-back'; readonly server: Ipv4Value; readonly instead: Ipv4Value }
  /** Another server sees the mapping and replaces a silent one; its address is assigned next. */
  | { readonly kind: 'server-replaced'; readonly server: Ipv4Value; readonly instead: Ipv4Value }
  /** The server that answered first of several asked at once. */
  | {
      readonly kind: 'fastest-server';
      readonly server: Ipv4Value;
      readonly roundTripMs: Milliseconds;
      readonly asked: number;
    }
  /** The server does not answer refreshes; the client keeps its address because it still hears peers. */
  | { readonly kind: 'server-unheard'; readonly server: Ipv4Value; readonly address: Ipv6Value }
  /** The server of `server-unheard` answers again. */
  | { readonly kind: 'server-heard'; readonly server: Ipv4Value }
  /** All servers failed over this service port: the NAT may map it to an outer address that is gone. The client opens another port. */
  | { readonly kind: 'new-port-wanted' }
  /** A port that the engine requested could not be opened: the engine continues without it. */
  | { readonly kind: 'port-refused'; readonly reason: PortRefusal }
  /** The service port has changed. */
  | { readonly kind: 'port-changed'; readonly local: Ipv4Endpoint }
  /** The server still accepts the secret, but asks for another one (RFC 4380 5.2.2). */
  | { readonly kind: 'renew-key'; readonly server: Ipv4Value }
  /** A server refused a solicitation because its authentication failed. Of many in a short time, only some are reported. */
  | {
      readonly kind: 'authentication-failed';
      readonly reason: AuthenticationFailure;
      /** Printable and truncated; undefined when none was sent. */
      readonly identifier: string | undefined;
      readonly source: Ipv4Endpoint;
      /** The number of such solicitations since the last report. */
      readonly untold: number;
    }
  /** The client has determined its refresh interval (RFC 4380 5.2.7) and no longer searches for it. */
  | {
      readonly kind: 'refresh-interval-determined';
      readonly refreshIntervalMs: Milliseconds;
      /** The longest silence that a mapping survived, and the shortest that it did not; undefined where there was none. */
      readonly keptMs: Milliseconds | undefined;
      readonly forgottenMs: Milliseconds | undefined;
    }
  /** Connectivity tests of native hosts failed in a row, and nothing native was heard meanwhile. */
  | { readonly kind: 'native-hosts-fail'; readonly failedTests: number }
  /** A native host answered again after `native-hosts-fail`. */
  | { readonly kind: 'native-hosts-answer' }
  /** A TURN server gave the client an allocation, which becomes the service port. */
  | {
      readonly kind: 'turn-allocated';
      readonly server: Ipv4Endpoint;
      readonly transport: TurnTransport;
      readonly relayed: Ipv4Endpoint;
    }
  /** The allocation is gone; the client asks for another one. */
  | {
      readonly kind: 'turn-lost';
      readonly server: Ipv4Endpoint;
      readonly transport: TurnTransport;
      readonly reason: 'silent' | 'unknown-to-server';
    }
  /** A TURN server has not answered so far; the client goes on asking. */
  | {
      readonly kind: 'turn-unanswered';
      readonly server: Ipv4Endpoint;
      readonly transport: TurnTransport;
      readonly forMs: Milliseconds;
    }
  /** A TURN server gave no allocation. */
  | {
      readonly kind: 'turn-failed';
      readonly server: Ipv4Endpoint;
      readonly transport: TurnTransport;
      readonly reason: TurnFailure;
      /** 0: another server is asked at once. */
      readonly retryInMs: number;
    }
  /** This host slept: the mapping and the paths to peers may be gone. */
  | { readonly kind: 'resumed'; readonly sleptMs: number }
  /** The local endpoint of datagrams has changed. */
  | { readonly kind: 'local-changed'; readonly local: Ipv4Endpoint }
  | {
      readonly kind: 'off-line';
      readonly reason: OfflineReason;
      readonly server: Ipv4Value;
      /** The silent address, if it is not the server's primary one. */
      readonly secondary?: Ipv4Value;
      readonly retryInMs: number;
    }
  /** The host has a packet for the tunnel of a client that was idle. */
  | { readonly kind: 'wanted' }
  | { readonly kind: 'started' }
  | { readonly kind: 'stopped' };
