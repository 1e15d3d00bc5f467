import type { Limit, Verdict } from '@navalis/nat-probe';

/**
 * Returns the exit status of a diagnosis. 0: Teredo works here. 3: it works within limits that the NAT sets, or through a TURN server
 * alone. 4: a client gets no address. 5 and above: a client gets an address, but the worst limit makes part of the Internet
 * unreachable.
 */
export function exitStatusOf({ isUsable, limits }: Verdict, usesTurn = false): number {
  if (!isUsable) return usesTurn ? 3 : 4;
  const [worst] = limits;
  return worst === undefined ? 0 : limitStatuses[worst];
}

const limitStatuses: Readonly<Record<Limit, number>> = {
  'server-forwards-nothing': 5,
  'native-silent': 6,
  'relay-unheard': 6,
  'input-displaces-mapping': 7,
  'symmetric-nat': 3,
  'large-packets-lost': 8,
  unclear: 9,
};
