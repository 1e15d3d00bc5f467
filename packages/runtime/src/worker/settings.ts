import type { Ipv4Endpoint, Ipv4Value, Ipv6Prefix, Ipv6Value } from '@navalis/address';
import type { ClientOptions, LocalLink } from '@navalis/client-core';
import type { ClientKeyLine } from '@navalis/config';
import type { PortId } from '@navalis/engine';

/** The settings of a client's engine. */
export interface ClientEngineSettings {
  readonly kind: 'client';
  readonly servers: readonly { readonly primary: Ipv4Value; readonly secondary: Ipv4Value }[];
  /** The address that datagrams leave from; 0 while this host has no route to the server. */
  readonly localAddress: Ipv4Value;
  /** Primary addresses of servers that this host has no route to. */
  readonly unreachable: readonly Ipv4Value[];
  /** Undefined: to be determined, over a port of its own. */
  readonly refreshIntervalMs: number | undefined;
  readonly probeIntervalMs: number;
  readonly trustsConeBit: boolean;
  /** Whether the service port is configured, and so stays whatever happens. */
  readonly keepsPort: boolean;
  /** Where other clients are looked for. */
  readonly localLink: LocalLink | undefined;
  /** The port that receives the multicast group of that link. */
  readonly discoveryPortId: PortId | undefined;
  /** The secret that it shares with its servers, if any; not for log or status. */
  readonly secure: ClientOptions['secure'];
}

/** For a client that is idle. */
export interface StandbySettings {
  readonly kind: 'standby';
}

export type ClientEngineUpdate =
  /** `unreachable` as in the settings; addresses or routes of this host changed. */
  | { readonly kind: 'network-changed'; readonly local: Ipv4Endpoint; readonly unreachable: readonly Ipv4Value[] }
  | { readonly kind: 'local-link'; readonly link: LocalLink | undefined }
  | { readonly kind: 'resumed'; readonly sleptMs: number }
  | {
      readonly kind: 'servers';
      readonly servers: ClientEngineSettings['servers'];
      readonly unreachable: readonly Ipv4Value[];
    };

export interface ServerEngineSettings {
  readonly primary: Ipv4Value;
  readonly secondary: Ipv4Value | undefined;
  readonly strictSourceCheck: boolean;
  readonly onlyOwnClients: boolean;
  /** Not for log or status. */
  readonly clientKeys: readonly ClientKeyLine[] | undefined;
  readonly requireSecure: boolean;
  readonly rateLimit: boolean;
  readonly solicitationsPerSecond: number;
  readonly solicitationsBurst: number;
  readonly forwardsPerSecond: number;
}

/** The secrets that take the place of all others. */
export type ServerEngineUpdate = { readonly clientKeys: readonly ClientKeyLine[] };

export interface RelayEngineSettings {
  /** `host`: the host-specific relay. */
  readonly kind: 'relay' | 'host';
  readonly localAddress: Ipv6Value;
  /** The IPv6 addresses that clients may be connected with. */
  readonly servedRanges: readonly Ipv6Prefix[];
  readonly ownIpv4Addresses: readonly Ipv4Value[];
  readonly servicePrefix: number;
  readonly trustsConeBit: boolean;
  /** The relay's default when undefined. */
  readonly maximumClients?: number;
  /** The relay's default when undefined. */
  readonly newClientsPerSecond?: number;
  readonly rateLimit: boolean;
}

/** Addresses that changed. */
export type RelayEngineUpdate = Partial<
  Pick<RelayEngineSettings, 'localAddress' | 'servedRanges' | 'ownIpv4Addresses'>
> & {
  /** Datagrams leave from another IPv4 endpoint than before: clients are told at once. */
  readonly networkChanged?: true;
};

/** Returns the endpoint of the service socket, with the address that routing chose. */
export function boundEndpoint(bound: Ipv4Endpoint, chosen: Ipv4Value | undefined): Ipv4Endpoint {
  return bound.address === 0 && chosen !== undefined ? { address: chosen, port: bound.port } : bound;
}
