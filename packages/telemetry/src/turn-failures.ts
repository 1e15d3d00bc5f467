import type { TurnFailure, TurnTransport } from '@navalis/engine';
import type { ReasonExplanation } from './client-reasons.ts';

/** Why a TURN server gave no allocation, to follow a colon, and the cure. */
export const turnFailures: Readonly<Record<TurnFailure, ReasonExplanation>> = {
  silent: {
    meaning: 'it does not answer.',
    cure: 'Check its address and port, and whether a firewall blocks them.',
  },
  'no-port': { meaning: 'no local port could be opened for it.' },
  'wrong-credentials': {
    meaning: 'it refuses the user name or the password.',
    cure: 'Correct the file that turn-credentials names.',
  },
  forbidden: { meaning: 'it forbids this user an allocation.', cure: 'Ask its operator.' },
  'quota-reached': {
    meaning: 'this user has as many allocations as allowed.',
    cure: 'Raise user-quota at the server, or end other clients.',
  },
  'no-capacity': {
    meaning: 'it has no relayed port left.',
    cure: 'Raise the port range at the server, or use another one.',
  },
  'allocation-mismatch': { meaning: 'it still holds an earlier allocation of the same port.' },
  'unsupported-transport': { meaning: 'it does not relay UDP.', cure: 'Enable UDP relaying at the server.' },
  'relayed-address-not-global': {
    meaning: 'it relays at an address that is not global.',
    cure: 'Set external-ip at the server if it is behind a NAT.',
  },
  'alternate-server-refused': {
    meaning: 'it names another server that this client must not or cannot use.',
    cure: 'Name that one in turn.',
  },
  'server-not-permitted': {
    meaning: 'it forbids traffic to the Teredo server.',
    cure: 'Allow the addresses of the Teredo server at the TURN server.',
  },
  refused: { meaning: 'it refuses the request.', cure: 'See the log of the server.' },
};

/** Returns meaning and cure as one text. */
export function turnFailureSentence(failure: TurnFailure): string {
  const { meaning, cure } = turnFailures[failure];
  return cure === undefined ? meaning : `${meaning} ${cure}`;
}

/** Returns why a TURN server at this endpoint gave no allocation, without the cure. */
export function turnFailureDescription(server: string, transport: TurnTransport, failure: TurnFailure): string {
  return `TURN server ${server} over ${transport.toUpperCase()} gives no allocation: ${turnFailures[failure].meaning}`;
}
