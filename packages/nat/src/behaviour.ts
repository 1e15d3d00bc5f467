/** The part of the remote endpoint that a mapping or a filter depends on (RFC 4787 sections 4.1 and 5). */
export type Dependence = 'endpoint-independent' | 'address-dependent' | 'address-and-port-dependent';

/** The behaviour of a NAT in the terms of RFC 4787. */
export interface NatBehaviour {
  /** The destinations for which an inner endpoint keeps its mapping. */
  readonly mapping: Dependence;
  /** The senders that may use a mapping: all, or those whose address, or address and port, the inner endpoint has contacted. */
  readonly filtering: Dependence;
  /**
   * The external port of a new mapping (RFC 4787 section 4.2). `preserving`: the inner port if it is free, else any;
   * `sequential`: `portStep` after the last one.
   */
  readonly portAssignment: 'preserving' | 'sequential' | 'random';
  readonly portStep: number;
  readonly externalAddresses: number;
  /** `paired`: an inner address always gets the same external address (RFC 4787 section 4.1). */
  readonly pooling: 'paired' | 'arbitrary';
  /** Whether inner hosts reach each other at their external endpoints (RFC 4787 section 6). */
  readonly hairpinning: boolean;
  /**
   * Unsolicited input occupies the external port towards its sender for 30 s, so that the inner endpoint gets another
   * port for that sender. Linux does so where it masquerades and accepts input.
   */
  readonly displacesMapping: boolean;
  /** The life of a mapping without traffic (RFC 4787 section 4.3). */
  readonly mappingLifetimeMs: number;
  /** The direction of traffic that prolongs a mapping's life (RFC 4787 section 4.3). */
  readonly refreshedBy: 'outbound' | 'both';
  /** Whether inner hosts may have an external port mapped to them for good, by UPnP, PCP or NAT-PMP. */
  readonly portMapping: boolean;
}
