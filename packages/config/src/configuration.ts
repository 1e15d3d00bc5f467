import type { Ipv4Prefix, Ipv4Value, Ipv6Prefix, Ipv6Value } from '@navalis/address';
import type { Extensions } from '@navalis/traversal';
import type { TurnCredentials, TurnUri } from '@navalis/turn';
import type { SecureCredentials } from '@navalis/wire';
import type { HttpAddress, LogLevel } from './keys/operation.ts';
import type { PortMappingChoice } from './keys/port-mapping.ts';
import type { TurnUse } from './keys/turn.ts';
import type { KeyName, KeyValues } from './keys.ts';
import type { ClientKeyLine } from './secrets/client-key-file.ts';

/** The program that runs for each event. */
export interface HookConfiguration {
  /** A program and its arguments; never a line for a shell. */
  readonly command: readonly string[];
  readonly timeoutMs: number;
}

export interface CommonConfiguration {
  /** The values by key, defaults included; for comparisons. */
  readonly keyValues: Readonly<Partial<KeyValues>>;
  /** Digests of the secret files that keys name, by key; for comparisons. */
  readonly secretDigests: Readonly<Partial<Record<KeyName, string>>>;
  /** IPv4 ranges to treat as global although reserved. */
  readonly extraGlobalIpv4: readonly Ipv4Prefix[];
  /** IPv6 ranges to treat as global although reserved. */
  readonly extraGlobalIpv6: readonly Ipv6Prefix[];
  /** The last day of service as `YYYY-MM-DD`, in UTC. */
  readonly sunset: string | undefined;
  readonly statusSocket: string;
  readonly http: HttpAddress | undefined;
  /** The token that requests to `http` must carry, not for log or status; undefined: they need none. */
  readonly httpToken: string | undefined;
  /** Host names of the status server, in lower case, besides `localhost`. */
  readonly httpNames: readonly string[];
  readonly logLevel: LogLevel;
  readonly logFormat: 'pretty' | 'json';
  readonly offload: 'auto' | 'off';
  /** Undefined: no program runs. */
  readonly hook: HookConfiguration | undefined;
  /** Warnings about allowed but inadvisable values. */
  readonly warnings: readonly string[];
}

/** A server as configured: a name still to be resolved or an address in text, and its second address if given. */
export interface ServerChoice {
  readonly name: string;
  /** Undefined: the primary address + 1. */
  readonly secondary: Ipv4Value | undefined;
}

/** The common configuration of programs with a tunnel interface. */
export interface TunnelConfiguration extends CommonConfiguration {
  /** 0 is any address of this host. */
  readonly bindAddress: Ipv4Value;
  /** 0 is any free port. */
  readonly bindPort: number;
  readonly interfaceName: string;
  /** The metric of the client's default route, or of a relay's route to the service prefix. */
  readonly routeMetric: number;
}

/** The part of a client's configuration that its engine reads: the control plane passes it on as a whole. */
export interface ClientEngineConfiguration {
  /** The longest time without a refresh of the NAT mapping; undefined: to be determined. */
  readonly refreshIntervalMs: number | undefined;
  /** The order in which it tries its servers. */
  readonly serverOrder: 'listed' | 'spread' | 'fastest';
  /** The time until the client checks whether a preferred server is back. */
  readonly probeIntervalMs: number;
  /** The most peers at once. */
  readonly peerCapacity: number;
  /** Whether to go by the cone bit, in the own address and in those of others, as before RFC 5991. */
  readonly trustsConeBit: boolean;
  /** The extensions of RFC 6081 that it uses. */
  readonly extensions: Extensions;
  /** The secret that it shares with its servers, not for log or status; undefined: it qualifies without. */
  readonly secure: SecureCredentials | undefined;
}

/** The TURN servers of a client, and when it uses them. */
export interface TurnConfiguration {
  readonly servers: readonly TurnUri[];
  /** Not for log or status. */
  readonly credentials: TurnCredentials;
  readonly use: Exclude<TurnUse, 'off'>;
}

export interface ClientConfiguration extends TunnelConfiguration {
  readonly role: 'client';
  readonly engine: ClientEngineConfiguration;
  readonly servers: readonly ServerChoice[];
  readonly isEnabled: boolean;
  /** Whether the tunnel is a default route of this host. */
  readonly hasDefaultRoute: boolean;
  /** The routing table for packets from the Teredo address; undefined: none of their own. */
  readonly routingTable: number | undefined;
  readonly nativeIpv6: 'step-back' | 'ignore';
  readonly managedNetwork: 'stay-off' | 'ignore';
  /** The time without traffic after which the client closes its socket; undefined: never. */
  readonly idleTimeoutMs: number | undefined;
  /** The interface for local peer discovery; undefined: none. */
  readonly discoveryInterface: string | undefined;
  /** Undefined: the client uses none. */
  readonly turn: TurnConfiguration | undefined;
  /** How the router is asked to pass the service port on. */
  readonly portMapping: PortMappingChoice;
  /** Holds what survives a restart. */
  readonly stateDirectory: string;
}

/** The part of a server's configuration that its engine reads. */
export interface ServerEngineConfiguration {
  readonly strictSourceCheck: boolean;
  readonly onlyOwnClients: boolean;
  /** The secrets of clients, not for log or status; undefined: the server knows of none. */
  readonly clientKeys: readonly ClientKeyLine[] | undefined;
  /** Whether clients without a secret stay unanswered. */
  readonly requireSecure: boolean;
  readonly rateLimit: boolean;
  /** Limit per IPv4 address. */
  readonly solicitationsPerSecond: number;
  readonly solicitationsBurst: number;
  readonly forwardsPerSecond: number;
}

export interface ServerConfiguration extends CommonConfiguration {
  readonly role: 'server';
  /** How long it serves on after SIGTERM. */
  readonly drainTimeMs: number;
  readonly engine: ServerEngineConfiguration;
  readonly primary: Ipv4Value;
  /** Undefined: the server has one address only (SV-C-09). */
  readonly secondary: Ipv4Value | undefined;
}

/** The part of a relay's configuration that its engine reads. */
export interface RelayEngineConfiguration {
  /** First 32 bits of the service prefix. */
  readonly servicePrefix: number;
  readonly trustsConeBit: boolean;
  /** The extensions of RFC 6081 that it uses. */
  readonly extensions: Pick<Extensions, 'symmetricNatSupport'>;
  /** The relay's default when undefined. */
  readonly maximumClients?: number;
  /** The relay's default when undefined. */
  readonly newClientsPerSecond?: number;
  readonly rateLimit: boolean;
}

export interface RelayConfiguration extends TunnelConfiguration {
  readonly role: 'relay';
  /** How long it serves on after SIGTERM. */
  readonly drainTimeMs: number;
  readonly engine: RelayEngineConfiguration;
  /** Undefined: to be found among this host's addresses. */
  readonly ipv6Address: Ipv6Value | undefined;
  /** Ranges of native addresses. */
  readonly servedPrefixes: readonly Ipv6Prefix[];
  /** Whether the relay routes the service prefix into its interface. */
  readonly hasServiceRoute: boolean;
  /** The routing table from which a routing daemon announces the relay; undefined: none. */
  readonly announcementTable: number | undefined;
}

export interface HostRelayConfiguration extends TunnelConfiguration {
  readonly role: 'host-relay';
  readonly engine: RelayEngineConfiguration;
  /** Configuration of the client, which runs while this host has no global IPv6 address; undefined: the relay waits meanwhile. */
  readonly client: ClientConfiguration | undefined;
}

export interface ConfigurationByRole {
  readonly client: ClientConfiguration;
  readonly server: ServerConfiguration;
  readonly relay: RelayConfiguration;
  readonly 'host-relay': HostRelayConfiguration;
}

export type Configuration = ConfigurationByRole[keyof ConfigurationByRole];
