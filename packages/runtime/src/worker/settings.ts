import type { Ipv4Endpoint, Ipv4Value, Ipv6Prefix, Ipv6Value } from '@navalis/address';
import type { LocalLink, RelayedOptions } from '@navalis/client-core';
import type {
  ClientEngineConfiguration,
  ClientKeyLine,
  RelayEngineConfiguration,
  ServerEngineConfiguration,
} from '@navalis/config';
import type { PortId } from '@navalis/engine';

/** The settings of a client's engine: its part of the configuration, and values known only at run time. */
export interface ClientEngineSettings extends ClientEngineConfiguration {
  readonly kind: 'client';
  /** Those of one name are equals. */
  readonly servers: readonly { readonly name?: string; readonly primary: Ipv4Value; readonly secondary: Ipv4Value }[];
  /** The address that datagrams leave from; 0 while this host has no route to the server. */
  readonly localAddress: Ipv4Value;
  /** Primary addresses of servers that this host has no route to. */
  readonly unreachable: readonly Ipv4Value[];
  /** True if the service port is configured: then it never changes. */
  readonly keepsPort: boolean;
  /** The Teredo address of the last run, whose flags are kept where server and mapping are the same. */
  readonly formerAddress?: Ipv6Value | undefined;
  /** The external endpoint of the router's mapping of the service port. */
  readonly portMapping?: Ipv4Endpoint | undefined;
  /** The link for local discovery of other clients. */
  readonly localLink: LocalLink | undefined;
  /** The port that receives the multicast group of that link. */
  readonly discoveryPortId: PortId | undefined;
  /** The TURN servers, one of which relays the service port; undefined: the client has a port of this host. */
  readonly turn: RelayedOptions | undefined;
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
  /** The router made another mapping of the service port; undefined: it has none any more. */
  | { readonly kind: 'port-mapped'; readonly mapping: Ipv4Endpoint | undefined }
  /** The TURN servers at their present addresses. */
  | { readonly kind: 'turn-servers'; readonly servers: RelayedOptions['servers'] }
  | {
      readonly kind: 'servers';
      readonly servers: ClientEngineSettings['servers'];
      readonly unreachable: readonly Ipv4Value[];
    };

export interface ServerEngineSettings extends ServerEngineConfiguration {
  readonly primary: Ipv4Value;
  readonly secondary: Ipv4Value | undefined;
}

/** Options that changed. Secrets replace all previous ones. */
export type ServerEngineUpdate = Partial<Omit<ServerEngineConfiguration, 'clientKeys'>> & {
  readonly clientKeys?: readonly ClientKeyLine[];
  readonly extraGlobalIpv6?: readonly Ipv6Prefix[];
};

export interface RelayEngineSettings extends RelayEngineConfiguration {
  /** `host`: the host-specific relay. */
  readonly kind: 'relay' | 'host';
  readonly localAddress: Ipv6Value;
  /** The IPv6 addresses that clients may be connected with. */
  readonly servedRanges: readonly Ipv6Prefix[];
  readonly ownIpv4Addresses: readonly Ipv4Value[];
}

/** Addresses and options that changed. */
export type RelayEngineUpdate = Partial<
  Pick<RelayEngineSettings, 'localAddress' | 'servedRanges' | 'ownIpv4Addresses'>
> & {
  /** True if the IPv4 endpoint of outgoing datagrams changed: the engine informs clients at once. */
  readonly networkChanged?: true;
  readonly changes?: Partial<Pick<RelayEngineConfiguration, 'newClientsPerSecond' | 'rateLimit'>> & {
    readonly extraGlobalIpv6?: readonly Ipv6Prefix[];
  };
};

/** Returns the endpoint of the service socket, with the address that routing chose. */
export function boundEndpoint(bound: Ipv4Endpoint, chosen: Ipv4Value | undefined): Ipv4Endpoint {
  return bound.address === 0 && chosen !== undefined ? { address: chosen, port: bound.port } : bound;
}
