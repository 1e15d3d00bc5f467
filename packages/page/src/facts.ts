/** The parts of the status server's answers that the page shows; the server's own types fit into them, as a test of the runtime checks. */

export interface Endpoint {
  readonly address: string;
  readonly port: number;
}

export interface Fault {
  readonly reason: string;
  readonly since: string;
  readonly sentence: string;
  readonly evidence?: string;
  readonly cure: string;
}

export interface Counters {
  readonly datagramsReceived: number;
  readonly octetsReceived: number;
  readonly datagramsSent: number;
  readonly octetsSent: number;
  readonly packetsDelivered: number;
  readonly packetsTaken: number;
  readonly solicitationsReceived: number;
  readonly advertisementsSent: number;
  readonly drops: Readonly<Record<string, number>>;
}

/** The answer of `/status`. */
export interface Status {
  readonly role: string;
  readonly version: string;
  readonly state: string;
  readonly since: string;
  readonly address?: string;
  readonly server?: string;
  readonly serverName?: string;
  readonly mapped?: Endpoint;
  readonly local?: Endpoint;
  readonly portMapping?: Endpoint & { readonly protocol: string };
  readonly nat?: string;
  readonly refreshIntervalMs?: number;
  readonly isPortPreserving?: boolean;
  readonly offlineReason?: string;
  /** Why the program is not at work, and what to do about it. */
  readonly cause?: {
    readonly reason: string;
    readonly since: string;
    readonly sentence: string;
    readonly cure?: string;
  };
  readonly nativeReachability?: { readonly state: string; readonly since: string };
  readonly turn?: {
    readonly server: Endpoint;
    readonly transport: string;
    readonly relayed?: Endpoint;
    readonly failure?: string;
  };
  readonly function?: string;
  readonly functionSince?: string;
  readonly degraded?: readonly Fault[];
  /** Why the last reload changed nothing. */
  readonly refusedReload?: { readonly since: string; readonly sentence: string };
  readonly interface?: string;
  /** Whether routers hear of a relay with an announcement table. */
  readonly announcement?: { readonly isAnnounced: boolean; readonly since: string; readonly sentence?: string };
  readonly sunset?: string;
  readonly offloads?: readonly string[];
  readonly peers: number;
  readonly paths?: Readonly<Record<string, number>>;
  readonly recentPeers?: readonly RecentPeer[];
  readonly counters: Counters;
}

export interface RecentPeer {
  readonly address: string;
  readonly path: string;
  readonly endpoint: Endpoint;
  readonly heardAt: string;
}

/** The meaning of a reason, and what to do about it. */
export interface Explanation {
  readonly meaning: string;
  readonly cure: string;
}

/** The answer of `/explanations`. */
export interface Explanations {
  readonly drops: Readonly<Record<string, Explanation>>;
  readonly mappings: Readonly<Record<string, string>>;
  readonly nats: Readonly<Record<string, string>>;
  readonly paths: Readonly<Record<string, string>>;
  readonly turnFailures: Readonly<Record<string, string>>;
}

export interface LogLine {
  readonly number: number;
  readonly at: string;
  readonly level: string;
  readonly kind: string;
  readonly sentence: string;
}

/** The answer of `/events`. */
export interface LogLines {
  readonly events: readonly LogLine[];
  readonly last: number;
}

interface Amount {
  readonly packets: number;
  readonly octets: number;
}

export interface Peer {
  readonly address: string;
  readonly state: string;
  readonly reason?: string;
  readonly path?: string;
  readonly endpoint?: Endpoint;
  readonly heardAt?: string;
  readonly roundTripMs?: number;
  readonly sent?: Amount;
  readonly received?: Amount;
}

/** The answer of `/peers`. */
export interface Peers {
  readonly total: number;
  readonly peers: readonly Peer[];
  readonly next?: string;
}
