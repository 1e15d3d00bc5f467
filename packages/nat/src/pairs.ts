import { type NatKind, natKinds } from './kinds.ts';

/** The needs of a pair by RFC 6081 figure 1: RFC 4380 alone, or extensions at both ends; `-`: nothing is promised. */
export type PairNeed = '4380' | 'SNS' | 'SNS+UPNP' | 'SNS+PP' | 'SNS+SPS' | '-';

const kinds: readonly NatKind[] = Object.keys(natKinds) as NatKind[];

/** The kinds as `docs/conformance/nat-pairs.md` abbreviates them. */
export const natAbbreviations: Readonly<Record<NatKind, string>> = {
  cone: 'C',
  'address-restricted': 'AR',
  'port-restricted': 'PR',
  'upnp-port-restricted': 'UPR',
  'upnp-port-symmetric': 'UPS',
  'port-preserving-symmetric': 'PPS',
  'sequential-symmetric': 'SQS',
  'port-symmetric': 'PS',
  'address-symmetric': 'AS',
};

/** A row for each kind that the first packet comes from, with the kinds that it goes to in the same order. */
const rows: Readonly<Record<NatKind, readonly PairNeed[]>> = {
  cone: ['4380', '4380', '4380', '4380', 'SNS', 'SNS', 'SNS', 'SNS', 'SNS'],
  'address-restricted': ['4380', '4380', '4380', '4380', 'SNS', 'SNS', 'SNS', 'SNS', '-'],
  'port-restricted': ['4380', '4380', '4380', '4380', '-', 'SNS+PP', 'SNS+SPS', '-', '-'],
  'upnp-port-restricted': ['4380', '4380', '4380', '4380', 'SNS+UPNP', '-', '-', '-', '-'],
  'upnp-port-symmetric': ['SNS', 'SNS', '-', 'SNS+UPNP', 'SNS+UPNP', '-', '-', '-', '-'],
  'port-preserving-symmetric': ['SNS', 'SNS', 'SNS+PP', '-', '-', 'SNS+PP', 'SNS+SPS', '-', '-'],
  'sequential-symmetric': ['SNS', 'SNS', 'SNS+SPS', '-', '-', '-', '-', '-', '-'],
  'port-symmetric': ['SNS', 'SNS', '-', '-', '-', '-', '-', '-', '-'],
  'address-symmetric': ['SNS', '-', '-', '-', '-', '-', '-', '-', '-'],
};

/** Returns what connects a client behind the one kind with a client behind the other one when the first speaks first. */
export function needOf(from: NatKind, to: NatKind): PairNeed {
  return rows[from][kinds.indexOf(to)]!;
}

/** All pairs, in rows. */
export const natPairs: readonly { readonly from: NatKind; readonly to: NatKind; readonly need: PairNeed }[] =
  kinds.flatMap((from) => kinds.map((to) => ({ from, to, need: needOf(from, to) })));
