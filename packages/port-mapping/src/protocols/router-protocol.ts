import type { Ipv4Endpoint, Ipv4Value } from '@navalis/address';
import type { Milliseconds } from '@navalis/engine';

/** The protocols, in the order in which they are asked. */
export const mappingProtocols = ['pcp', 'nat-pmp', 'upnp'] as const;

/** A protocol by which a router maps ports. */
export type MappingProtocol = (typeof mappingProtocols)[number];

/** The outcome of a request for a mapping. */
export type MapOutcome =
  | { readonly kind: 'mapped'; readonly external: Ipv4Endpoint; readonly renewAfterMs: Milliseconds }
  /** The router does not speak the protocol, or not in time. */
  | { readonly kind: 'silent' }
  | {
      readonly kind: 'refused';
      /** The router's reason, as the end of a sentence. */
      readonly reason: string;
      /** How long the router goes on refusing; undefined where it does not tell. */
      readonly forMs?: Milliseconds;
    };

/** The outcome of a question that maps nothing. */
export type InquiryOutcome =
  /** `address`: the external one, where the protocol tells it. */
  { readonly kind: 'speaks'; readonly address: Ipv4Value | undefined } | Exclude<MapOutcome, { kind: 'mapped' }>;

/** The outcome of a look at a mapping. */
export type CheckOutcome = 'kept' | 'lost' | 'silent';

/** The outcome of a request to remove a mapping. */
export type UnmapOutcome =
  /** The router has none of that port for this host. */
  | 'removed'
  /** The router did not answer, or refused. */
  | 'failed'
  /** The router's mapping of the port leads to another host, and stays. */
  | 'foreign';

/** One protocol towards one router. All methods resolve in bounded time and never reject. */
export interface RouterProtocol {
  readonly protocol: MappingProtocol;
  /** Begins what `map` needs and takes time; asks for nothing. */
  prepare?(signal: AbortSignal): void;
  /** Asks whether the router speaks the protocol, and maps nothing. */
  inquire(signal: AbortSignal): Promise<InquiryOutcome>;
  /** Asks the router to send what arrives at its UDP port of that number to the same port of this host. */
  map(port: number, signal: AbortSignal): Promise<MapOutcome>;
  /** Looks whether the router still has the mapping of a port. */
  check(port: number, signal: AbortSignal): Promise<CheckOutcome>;
  /** Removes the mapping of a port that leads to `client`, the address of this host when it was made. */
  unmap(port: number, client: Ipv4Value, signal: AbortSignal): Promise<UnmapOutcome>;
}
