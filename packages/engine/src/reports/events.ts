import type { Ipv4Endpoint, Ipv4Value, Ipv6Value } from '@navalis/address';
import type { NatClass } from '@navalis/nat';
import type { Milliseconds } from '../milliseconds.ts';
import type { PortRefusal } from '../runs.ts';

/** Why a client is off-line (CL-Q). */
export type OfflineReason =
  /** This host has no IPv4 route to the server. */
  'no-route' | 'server-silent' | 'no-authenticated-answer' | 'secondary-silent' | 'symmetric' | 'mapped-not-global';

/** Why a client does nothing although its program runs (CL-U). */
export type DisabledReason = 'switched-off' | 'managed-network' | 'native-ipv6' | 'other-preferred' | 'idle';

/** Why a server refused a solicitation (SV-R-05). */
export type AuthenticationFailure = 'no-identifier' | 'unknown-identifier' | 'wrong-secret';

/**
 * An event that an engine reports to the control plane, and the control plane to the user. Never emitted per packet.
 */
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
  /** The Teredo address is no longer usable; the interface must not carry it any more. */
  | { readonly kind: 'address-lost'; readonly address: Ipv6Value }
  /** A server that is preferred to the one in use has come back; its address is assigned next. */
  | { readonly kind: 'server-back'; readonly server: Ipv4Value; readonly instead: Ipv4Value }
  /** Another server sees the mapping, and takes the place of one that is silent; its address is assigned next. */
  | { readonly kind: 'server-replaced'; readonly server: Ipv4Value; readonly instead: Ipv4Value }
  /** The server does not answer refreshes, and the client keeps its address because peers are still heard. */
  | { readonly kind: 'server-unheard'; readonly server: Ipv4Value; readonly address: Ipv6Value }
  /** The server of `server-silent` answers again. */
  | { readonly kind: 'server-heard'; readonly server: Ipv4Value }
  /**
   * All servers failed over this service port: the NAT may hold it to an outer address that is gone. The client takes another
   * one.
   */
  | { readonly kind: 'new-port-wanted' }
  /** A port that the engine asked for could not be opened: it goes on without. */
  | { readonly kind: 'port-refused'; readonly reason: PortRefusal }
  /** The service port is another one. */
  | { readonly kind: 'port-changed'; readonly local: Ipv4Endpoint }
  /** The server accepts the secret still, and asks for another one (RFC 4380 5.2.2). */
  | { readonly kind: 'renew-key'; readonly server: Ipv4Value }
  /** A server refused solicitations whose authentication failed; of many in a short time some are told. */
  | {
      readonly kind: 'authentication-failed';
      readonly reason: AuthenticationFailure;
      /** Printable, and cut; undefined when none was sent. */
      readonly identifier: string | undefined;
      readonly source: Ipv4Endpoint;
      /** Others like it since the last one that was told. */
      readonly untold: number;
    }
  /** A configured name resolves to other addresses than before (SEC-32), of which there may have been none. */
  | {
      readonly kind: 'server-moved';
      readonly name: string;
      readonly before: readonly Ipv4Value[];
      readonly servers: readonly Ipv4Value[];
    }
  /**
   * How long the NAT may be left alone was determined (RFC 4380 5.2.7): the refresh interval stays so from now on.
   */
  | {
      readonly kind: 'refresh-interval-determined';
      readonly refreshIntervalMs: Milliseconds;
      /** The longest silence that a mapping survived, and the shortest that it did not; undefined where there was none. */
      readonly keptMs: Milliseconds | undefined;
      readonly forgottenMs: Milliseconds | undefined;
    }
  /** Connectivity tests of native hosts failed in a row, and nothing native was heard meanwhile. */
  | { readonly kind: 'native-hosts-fail'; readonly failedTests: number }
  /** After that something came from a native host. */
  | { readonly kind: 'native-hosts-answer' }
  /** This host slept; what was known of the network before may be over. */
  | { readonly kind: 'resumed'; readonly sleptMs: number }
  /** Datagrams leave from another local endpoint than before. */
  | { readonly kind: 'local-changed'; readonly local: Ipv4Endpoint }
  | {
      readonly kind: 'off-line';
      readonly reason: OfflineReason;
      readonly server: Ipv4Value;
      /** The address that was silent, where that is not the server's primary one. */
      readonly secondary?: Ipv4Value;
      readonly retryInMs: number;
    }
  /** The client has no socket until the reason is gone, and no interface unless it is merely idle. */
  | {
      readonly kind: 'disabled';
      readonly reason: DisabledReason;
      /** The evidence of the reason, such as an address. */
      readonly evidence: string | undefined;
    }
  /** No reason to be disabled is left, `reason` being the last one: the client begins. */
  | { readonly kind: 'enabled'; readonly reason: DisabledReason }
  /** The host has a packet for the tunnel of a client that was idle. */
  | { readonly kind: 'wanted' }
  | { readonly kind: 'started' }
  | { readonly kind: 'stopped' };
