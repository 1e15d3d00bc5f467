import type { Ipv4Endpoint, Ipv4Value } from '@navalis/address';
import type { Gateway } from '../network/network.ts';
import type { MappingProtocol } from '../protocols/router-protocol.ts';

/** The router of the route in use, and the port of this host that is to be reached. */
export interface MappingRoute {
  readonly gateway: Ipv4Value;
  readonly local: Ipv4Endpoint;
}

/** A mapping that a router made. */
export interface PortMapping {
  readonly protocol: MappingProtocol;
  readonly gateway: Ipv4Value;
  readonly external: Ipv4Endpoint;
  readonly local: Ipv4Endpoint;
  /** The external address is not global: another NAT stands before the router. */
  readonly isNested: boolean;
}

/** Why one protocol made no mapping although the router speaks it. */
export interface MappingRefusal {
  readonly protocol: MappingProtocol;
  /** The end of a sentence. */
  readonly reason: string;
}

/** A change of the mapping, for log and engine. */
export type PortMappingEvent =
  /** There is a mapping, or another one than before. */
  | { readonly kind: 'mapped'; readonly mapping: PortMapping }
  /** The router had forgotten the mapping, and has made the same one again. */
  | { readonly kind: 'restored'; readonly mapping: PortMapping }
  /** There is none any more. */
  | { readonly kind: 'lost'; readonly mapping: PortMapping }
  /** The router maps a port that this host had before to another host now; that mapping stays. */
  | { readonly kind: 'foreign'; readonly gateway: Ipv4Value; readonly port: number }
  /** The router makes none; told once for each route. */
  | { readonly kind: 'unavailable'; readonly gateway: Ipv4Value; readonly refusals: readonly MappingRefusal[] };

/** Returns the router of a route, and the way to it. */
export function gatewayOf({ gateway, local }: MappingRoute): Gateway {
  return { address: gateway, local: local.address };
}
