/**
 * The vocabulary for NATs: what they do in the terms of RFC 4787, and the kinds of RFC 6081.
 *
 * - {@link NatBehaviour} describes a NAT.
 * - {@link natKinds} are the nine kinds of RFC 6081 with their behaviour.
 * - {@link nameNat} names the kind of a NAT by its behaviour.
 * - {@link natPairs} are all pairs of kinds, with what connects their clients.
 *
 * @packageDocumentation
 */

export type { Dependence, NatBehaviour } from './behaviour.ts';
export { type NatKind, natKinds, supportedNatKinds, symmetricNatKinds } from './kinds.ts';
export {
  classifyNat,
  type MappingAndFiltering,
  type NamedBehaviour,
  type NatClass,
  type NatName,
  nameNat,
} from './names.ts';
export { natAbbreviations, natPairs, needOf, type PairNeed } from './pairs.ts';
export { type FirstSender, firstSenderOf, type PairExtension } from './reach.ts';
