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

/** The verdict of `diagnose` in one sentence, by exit status. */
export const diagnosisConclusions: Readonly<Record<number, string>> = {
  0: 'Teredo works here.',
  3: 'Teredo works here within limits.',
  4: 'A client gets no Teredo address here.',
  5: 'A client gets an address here, but its server forwards nothing.',
  6: 'A client reaches other clients here, but not the native host.',
  7: 'Teredo works here, but peers that send first do not reach this host.',
  8: 'Small packets pass here, but large ones are lost.',
  9: 'Too much was lost to tell whether Teredo works here.',
};

export function conclusionOf(exitStatus: number): string {
  return diagnosisConclusions[exitStatus]!;
}
