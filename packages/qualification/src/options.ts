import type { Ipv4Endpoint, Ipv4Policy, Ipv4Value, Ipv6Value } from '@navalis/address';
import type { EngineOutputs, Milliseconds } from '@navalis/engine';
import type { SecureCredentials } from '@navalis/wire';

/** A server's two IPv4 addresses; it answers on port 3544 of both, and its clients' prefix holds the primary one. */
export interface TeredoServer {
  readonly primary: Ipv4Value;
  readonly secondary: Ipv4Value;
  /** The name that resolves to it: servers of one name are equals. */
  readonly name?: string;
}

/**
 * The order in which a client tries its servers. `listed`: as they are listed, and the addresses of one name in a random order; `spread`:
 * in a random order; `fastest`: by the time of their answers, all asked at once.
 */
export type ServerOrder = 'listed' | 'spread' | 'fastest';

/** The peers, as far as they show that the mapping is alive while the server is silent. */
export interface PeerWitness {
  /** When something last came from a trusted peer beyond this client's NAT; -Infinity before the first. */
  readonly lastReceptionAt: Milliseconds;
}

export interface QualificationOptions {
  /** Primary addresses of servers that this host has no route to, at the start. */
  readonly unreachable?: readonly Ipv4Value[];
  /** At least one, in order of preference; after a failure the next one is tried, later an earlier one again. */
  readonly servers: readonly TeredoServer[];
  /** `listed` by default. */
  readonly serverOrder?: ServerOrder;
  /** The endpoint that the service port is bound to, at the start. */
  readonly local: Ipv4Endpoint;
  readonly policy: Ipv4Policy;
  /** First word of Teredo addresses; 2001:0000::/32 by default. */
  readonly servicePrefix?: number;
  /** 30 s by default (RFC 4380 5.2). */
  readonly refreshIntervalMs?: number;
  /** On by default (RFC 5991 3.1). Off, addresses and solicitations carry the flags of RFC 4380 alone (AD-17). */
  readonly randomFlags?: boolean;
  /** The Teredo address of an earlier run: its server comes before its equals, and with the same mapping its random flags are kept. */
  readonly formerAddress?: Ipv6Value | undefined;
  /**
   * Off by default (RFC 5991 3.2). On, qualification begins with the phase of RFC 4380 5.2.1 that finds cone NATs, the
   * client's address carries the cone bit, and the client trusts the cone bits of other addresses.
   */
  readonly trustsConeBit?: boolean;
  /**
   * On: a symmetric NAT is a finding, and the client gets an address with the mapping that the primary address sees (RFC 6081 3.1).
   * Off by default: there is no address behind one.
   */
  readonly acceptsSymmetricNat?: boolean;
  /** Shared with the servers. With them every solicitation is authenticated, and only authenticated answers count. */
  readonly secure?: SecureCredentials | undefined;
  /** The largest MTU option to follow; 1280 by default, so that a larger one is ignored. */
  readonly maximumMtu?: number;
  /**
   * On when the service port is fixed. Off by default: after each round of failures a new one is asked for
   * (`new-port-wanted`), since a NAT may hold the old one to an outer address that is gone.
   */
  readonly keepsPort?: boolean;
  /** Another source of signs that the mapping is alive. */
  readonly witness?: PeerWitness;
  /** How long until a server that is preferred to the one in use is asked whether it is back; 10 min by default. */
  readonly probeIntervalMs?: number;
}

/** Receives a qualification's outputs: solicitations to send, and events. */
export type QualificationOutputs = Pick<EngineOutputs, 'sendDatagrams' | 'report'>;
