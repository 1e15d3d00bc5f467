import type { NatBehaviour } from './behaviour.ts';
import type { NatKind } from './kinds.ts';

/** As far as qualification tells NATs apart (RFC 4380 section 5.2.1). `none`: mapped and local endpoint are equal. */
export type NatClass = 'none' | 'cone' | 'restricted' | 'symmetric';

/** The kinds that can be told apart without UPnP. `restricted`: one mapping for all destinations, the filtering unknown. */
export type NatName = Exclude<NatKind, `upnp-${string}`> | 'restricted';

/** How a NAT maps and filters; `filtering` is undefined where it was not seen. */
export interface MappingAndFiltering extends Pick<NatBehaviour, 'mapping'> {
  readonly filtering: NatBehaviour['filtering'] | undefined;
}

/** The behaviour that decides on the name of a NAT. */
export interface NamedBehaviour extends MappingAndFiltering, Pick<NatBehaviour, 'portAssignment' | 'pooling'> {}

/** Returns the class of a NAT. */
export function classifyNat({ mapping, filtering }: MappingAndFiltering): Exclude<NatClass, 'none'> {
  if (mapping !== 'endpoint-independent') return 'symmetric';
  return filtering === 'endpoint-independent' ? 'cone' : 'restricted';
}

/** Returns the kind of a NAT by its name in RFC 6081. */
export function nameNat(nat: NamedBehaviour): NatName {
  const natClass = classifyNat(nat);
  if (natClass === 'symmetric') return nameSymmetricNat(nat);
  switch (nat.filtering) {
    case 'address-dependent':
      return 'address-restricted';
    case 'address-and-port-dependent':
      return 'port-restricted';
    default:
      return natClass;
  }
}

function nameSymmetricNat({ portAssignment, pooling }: NamedBehaviour): NatName {
  if (pooling === 'arbitrary') return 'address-symmetric';
  switch (portAssignment) {
    case 'preserving':
      return 'port-preserving-symmetric';
    case 'sequential':
      return 'sequential-symmetric';
    case 'random':
      return 'port-symmetric';
  }
}
