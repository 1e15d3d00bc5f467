/** The settings of a load generator. */
export interface LoadSettings {
  readonly clients: number;
  /** Primary IPv4 addresses of the servers, 1 to 16, and the order in which each client tries them. */
  readonly servers: readonly string[];
  readonly serverOrder: ServerOrder;
  /** Its own IPv4 addresses, which the clients use in turn; empty: one, which routing chooses. */
  readonly sources: readonly string[];
  /** Clients that are started in a second, and contacts that are opened in one. */
  readonly startsPerSecond: number;
  readonly contactsPerSecond: number;
  /** IPv6 addresses of native hosts, one of which each client contacts. */
  readonly hosts: readonly string[];
  /** Other clients that each client contacts. */
  readonly peers: number;
  /** Echo requests in a second, in all, to contacts that are open. */
  readonly rate: number;
  /** Octets of an inner packet, 60 to 1280. */
  readonly packetOctets: number;
  /** The longest time between refreshes of an address; 30 s if undefined. */
  readonly refreshIntervalMs?: number | undefined;
  /** The service ports are allocations on this TURN server over UDP. */
  readonly turn?: LoadTurn | undefined;
  /** IPv4 ranges that count as global although reserved. */
  readonly extraGlobalIpv4: readonly string[];
}

/** The key `server-order` of the client. */
export type ServerOrder = 'listed' | 'spread' | 'fastest';

export interface LoadTurn {
  readonly address: string;
  readonly port: number;
  readonly username: string;
  readonly password: string;
}

/** An order to a running generator, as a line of its standard input. */
export type LoadOrder =
  /** Changes the requests in a second. */
  | { readonly kind: 'rate'; readonly perSecond: number }
  /** Begins to count again: requests, answers, losses, round trips, gaps and restarts. */
  | { readonly kind: 'reset' }
  | { readonly kind: 'stop' };
