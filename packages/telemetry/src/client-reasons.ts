import type { OfflineReason } from '@navalis/engine';
import type { DisabledReason } from '@navalis/life';

/** The meaning of a reason, and what to do about it. */
export interface ReasonExplanation {
  readonly meaning: string;
  /** Absent where nothing is to be done. */
  readonly cure?: string;
}

/** Returns why the client in the program `teredo-<role>` is off-line, for readers who do not know the server. */
export function offlineExplanationsOf(role: string): Readonly<Record<OfflineReason, Required<ReasonExplanation>>> {
  return {
    ...offlineExplanations,
    'server-silent': withDiagnosis(offlineExplanations['server-silent'], role),
    'turn-unavailable': withDiagnosis(offlineExplanations['turn-unavailable'], role),
  };
}

function withDiagnosis({ meaning, cure }: Required<ReasonExplanation>, role: string): Required<ReasonExplanation> {
  return { meaning, cure: `${cure} Run "teredo-${role} diagnose" on this host.` };
}

const offlineExplanations: Readonly<Record<OfflineReason, Required<ReasonExplanation>>> = {
  'no-route': {
    meaning: 'This host has no IPv4 route to its server.',
    cure: 'Connect this host to a network, and look at "ip route".',
  },
  'server-silent': {
    meaning: 'The server does not answer.',
    cure: 'A firewall may block UDP port 3544, or the server may be down.',
  },
  'no-authenticated-answer': {
    meaning: "The server sent no answer authenticated with this client's secret.",
    cure: 'Compare client-identifier, secret-file and secure-algorithm with client-keys at the server. A firewall may also block UDP port 3544.',
  },
  'secondary-silent': {
    meaning: 'The second address of the server does not answer as that server does.',
    cure: 'Set the key server-secondary to the address that the server uses, or use another server.',
  },
  symmetric: {
    meaning: 'The NAT uses another port for each destination, so no peer could reach this host.',
    cure: 'Enable symmetric-nat-support, or name a TURN server in the key turn.',
  },
  'mapped-not-global': {
    meaning: 'The server sees this host at an address that is not global.',
    cure: 'Use a server on the Internet. In a laboratory, add the range to extra-global-ipv4.',
  },
  'turn-unavailable': {
    meaning: 'No TURN server gives this client an allocation.',
    cure: 'Correct the keys turn and turn-credentials, or try another server.',
  },
};

/** Why a client does not use Teredo, for readers who do not need the evidence. */
export const disabledExplanations: Readonly<Record<DisabledReason, ReasonExplanation>> = {
  'switched-off': { meaning: 'The key enabled is false.', cure: 'Set enabled = true to use Teredo.' },
  'managed-network': {
    meaning: 'This host is a member of a managed domain, where Teredo stays off.',
    cure: 'Set managed-network = "ignore" to use it all the same.',
  },
  'native-ipv6': {
    meaning: 'This host has native IPv6 and does not need Teredo.',
    cure: 'Set native-ipv6 = "ignore" to use it all the same.',
  },
  'other-preferred': { meaning: 'This host has a preferred way to IPv6.' },
  idle: { meaning: 'This host sends nothing through the tunnel. The client continues with its next packet.' },
};
