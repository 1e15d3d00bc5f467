/** Some quantiles of a figure. */
export interface Quantiles {
  readonly median: number;
  readonly p99: number;
  readonly longest: number;
}

/** How soon the contacts that are open were answered since the last `reset`, by requests sent since. */
export interface FlowReturns {
  /** Contacts without an answer so far. */
  readonly silent: number;
  /** Contacts whose first answer came, or is due, after more than a second. */
  readonly late: number;
  /** The time to the first answer of the last contact; the time so far while there is none. */
  readonly longestMs: number;
}

/** The counts of those who send requests, once a second. Quantiles are missing while there are no values. */
export interface TrafficFigures {
  readonly contacts: number;
  /** Contacts that were answered at least once. */
  readonly open: number;
  /** Since the last `reset`. */
  readonly countedSeconds: number;
  /** Requests over open contacts since the last `reset`, and what came of them. */
  readonly sent: number;
  readonly answered: number;
  /** Unanswered for 2 s. */
  readonly lost: number;
  /** Answered after that. */
  readonly late: number;
  /** Requests that the sender was too busy to send. */
  readonly unsent: number;
  readonly rttMs?: Quantiles | undefined;
  /** The longest time without an answer of each contact that is open, while requests were unanswered. */
  readonly gapMs?: Quantiles | undefined;
  readonly returns: FlowReturns;
}

/** The counts of a load generator, once a second. */
export interface LoadFigures extends TrafficFigures {
  /** Since the start of the generator. */
  readonly seconds: number;
  readonly clients: number;
  readonly started: number;
  /** Clients that have an address at present. */
  readonly qualified: number;
  /** Clients that have an address at present, by address of their server. */
  readonly served: Readonly<Record<string, number>>;
  /** The number of IPv4 addresses at which servers have seen them. */
  readonly mappedAddresses: number;
  /** From the start of each client to its first address. */
  readonly qualifiedMs?: Quantiles | undefined;
  /** Attempts to get an address that failed, by reason. */
  readonly failures: Readonly<Record<string, number>>;
  /** From the first request of each contact to the first answer. */
  readonly openedMs?: Quantiles | undefined;
  /** Addresses that clients lost since the last `reset`. */
  readonly restarts: number;
  /** Solicitations in the last second, by address of the server. */
  readonly solicitations: Readonly<Record<string, number>>;
}
