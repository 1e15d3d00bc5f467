import type { Milliseconds } from '@navalis/engine';

/** On what a mapping or a filter depends besides the inner endpoint (RFC 4787 4.1, 5). */
export type Dependence = 'endpoint-independent' | 'address-dependent' | 'address-and-port-dependent';

/** A NAT in the terms of RFC 4787. */
export interface NatBehaviour {
  readonly mapping: Dependence;
  readonly filtering: Dependence;
  /** `preserving`: the inner port if it is free, else any. `sequential`: `portDelta` after the last one given out. */
  readonly portChoice: 'preserving' | 'sequential' | 'random';
  readonly portDelta: 1 | 2;
  readonly hairpinning: boolean;
  /**
   * Unsolicited input occupies the external port towards its sender for 30 s, so that the inner endpoint gets another port
   * for it: Linux, where it masquerades and accepts input.
   */
  readonly tracksInput: boolean;
  readonly mappingLifetimeMs: Milliseconds;
  /** The direction that prolongs the lifetime of a mapping (RFC 4787 4.3). */
  readonly refreshedBy: 'outbound' | 'both';
  readonly externalAddresses: number;
  /** `paired`: one inner address always gets the same external address (RFC 4787 4.1). */
  readonly pooling: 'paired' | 'arbitrary';
}

/**
 * C cone, AR address-restricted, PR port-restricted, UPR and UPS restricted and symmetric with a UPnP mapping (which is
 * not there unless given), PPS port-preserving symmetric, SQS sequential symmetric, PS other port-symmetric, AS
 * address-symmetric (RFC 6081 3, in terms of RFC 4787).
 */
export type NatKind = 'C' | 'AR' | 'PR' | 'UPR' | 'UPS' | 'PPS' | 'SQS' | 'PS' | 'AS';

const cone: NatBehaviour = {
  mapping: 'endpoint-independent',
  filtering: 'endpoint-independent',
  portChoice: 'random',
  portDelta: 1,
  hairpinning: false,
  tracksInput: false,
  mappingLifetimeMs: 60_000,
  refreshedBy: 'outbound',
  externalAddresses: 1,
  pooling: 'paired',
};

const portRestricted: NatBehaviour = { ...cone, filtering: 'address-and-port-dependent' };
const portSymmetric: NatBehaviour = { ...portRestricted, mapping: 'address-and-port-dependent' };

export const natKinds: Readonly<Record<NatKind, NatBehaviour>> = {
  C: cone,
  AR: { ...cone, filtering: 'address-dependent' },
  PR: portRestricted,
  UPR: portRestricted,
  UPS: portSymmetric,
  PPS: { ...portSymmetric, portChoice: 'preserving' },
  SQS: { ...portSymmetric, portChoice: 'sequential' },
  PS: portSymmetric,
  AS: { ...portSymmetric, externalAddresses: 4, pooling: 'arbitrary' },
};

/** The kinds through which RFC 4380 alone connects, and those behind which its clients stay off-line. */
export const supportedNatKinds: readonly NatKind[] = ['C', 'AR', 'PR', 'UPR'];
export const symmetricNatKinds: readonly NatKind[] = ['UPS', 'PPS', 'SQS', 'PS', 'AS'];
