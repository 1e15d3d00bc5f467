import type { Limit, Verdict } from '@navalis/nat-probe';

/**
 * Returns the exit status of a diagnosis. 0: Teredo works here. 3: it works in part at most behind this NAT. 4: the server is
 * unreachable, at least in part. 5 and above: a client gets an address, but the worst limit makes part of the Internet
 * unreachable.
 */
export function exitStatusOf({ nat, isUsable, limits }: Verdict): number {
  if (!isUsable) return nat === 'blocked' || nat === 'half-blocked' ? 4 : 3;
  const [worst] = limits;
  return worst === undefined ? 0 : limitStatuses[worst];
}

const limitStatuses: Readonly<Record<Limit, number>> = {
  'server-forwards-nothing': 5,
  'native-silent': 6,
  'relay-unheard': 6,
  'input-displaces-mapping': 7,
  'large-packets-lost': 8,
  unclear: 9,
};
