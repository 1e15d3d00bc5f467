import type { Limit, Verdict } from '@navalis/nat-probe';

/**
 * 0: Teredo works here. 3: not behind this NAT. 4: the server is not, or not wholly, reached. From 5 on a client gets an
 * address, but the worst limit keeps part of the Internet from it.
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
