import type { NatKind } from './kinds.ts';
import { needOf, type PairNeed } from './pairs.ts';

/** An extension of RFC 6081 that a pair may need at both ends. */
export type PairExtension = 'SNS' | 'UPNP' | 'PP' | 'SPS';

/** The client that must send first so that two reach each other directly: `none` where nothing is promised. */
export type FirstSender = 'either' | 'own' | 'peer' | 'none';

/** Returns which client may send first where both use these extensions, and peers may use any. */
export function firstSenderOf(own: NatKind, peer: NatKind, extensions: readonly PairExtension[]): FirstSender {
  const isOwnHeard = isMet(needOf(own, peer), extensions);
  const isPeerHeard = isMet(needOf(peer, own), extensions);
  if (isOwnHeard) return isPeerHeard ? 'either' : 'own';
  return isPeerHeard ? 'peer' : 'none';
}

function isMet(need: PairNeed, extensions: readonly PairExtension[]): boolean {
  if (need === '4380') return true;
  return need.split('+').every((each) => extensions.some((extension) => extension === each));
}
