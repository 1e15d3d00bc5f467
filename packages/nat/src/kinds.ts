import type { NatBehaviour } from './behaviour.ts';

const cone: NatBehaviour = {
  mapping: 'endpoint-independent',
  filtering: 'endpoint-independent',
  portAssignment: 'random',
  portStep: 1,
  externalAddresses: 1,
  pooling: 'paired',
  hairpinning: false,
  displacesMapping: false,
  mappingLifetimeMs: 60_000,
  refreshedBy: 'outbound',
  portMapping: false,
};

const portRestricted: NatBehaviour = { ...cone, filtering: 'address-and-port-dependent' };
const portSymmetric: NatBehaviour = { ...portRestricted, mapping: 'address-and-port-dependent' };

/** The nine kinds of RFC 6081 figure 1. The two with UPnP behave as their namesakes until a host asks for a mapping. */
export type NatKind =
  | 'cone'
  | 'address-restricted'
  | 'port-restricted'
  | 'upnp-port-restricted'
  | 'upnp-port-symmetric'
  | 'port-preserving-symmetric'
  | 'sequential-symmetric'
  | 'port-symmetric'
  | 'address-symmetric';

/** An example of each kind. */
export const natKinds: Readonly<Record<NatKind, NatBehaviour>> = {
  cone,
  'address-restricted': { ...cone, filtering: 'address-dependent' },
  'port-restricted': portRestricted,
  'upnp-port-restricted': { ...portRestricted, portMapping: true },
  'upnp-port-symmetric': { ...portSymmetric, portMapping: true },
  'port-preserving-symmetric': { ...portSymmetric, portAssignment: 'preserving' },
  'sequential-symmetric': { ...portSymmetric, portAssignment: 'sequential' },
  'port-symmetric': portSymmetric,
  'address-symmetric': { ...portSymmetric, externalAddresses: 4, pooling: 'arbitrary' },
};

/** The kinds through which RFC 4380 alone connects, and those behind which its clients stay off-line. */
export const supportedNatKinds: readonly NatKind[] = kindsWhere((mapping) => mapping === 'endpoint-independent');
export const symmetricNatKinds: readonly NatKind[] = kindsWhere((mapping) => mapping !== 'endpoint-independent');

function kindsWhere(holds: (mapping: NatBehaviour['mapping']) => boolean): readonly NatKind[] {
  return (Object.keys(natKinds) as NatKind[]).filter((kind) => holds(natKinds[kind].mapping));
}
