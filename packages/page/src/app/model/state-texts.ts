import type { Explanations, Status } from '../../facts.ts';
import { capital } from './format.ts';

/** Why a program is in its state, and what to do about it. */
interface Why {
  readonly sentence: string;
  readonly cure?: string | undefined;
  readonly evidence?: string | undefined;
  readonly since?: string | undefined;
}

export interface StateText {
  readonly title: string;
  readonly tone: 'good' | 'busy' | 'bad' | 'idle';
  readonly whys: readonly Why[];
}

const diagnose = 'Run "teredo-client diagnose" on this host.';

const offline: Readonly<Record<string, Why>> = {
  'no-route': {
    sentence: 'This host has no IPv4 route to its server.',
    cure: 'Connect this host to a network, and look at "ip route". The client continues by itself.',
  },
  'server-silent': {
    sentence: 'The server does not answer.',
    cure: `A firewall may block UDP port 3544, or the server may be down. ${diagnose}`,
  },
  'no-authenticated-answer': {
    sentence: "The server sent no answer authenticated with this client's secret.",
    cure: 'Compare client-identifier, secret-file and secure-algorithm with client-keys at the server.',
  },
  'secondary-silent': {
    sentence: 'The second address of the server does not answer as that server does.',
    cure: 'Check the key server-secondary, or use another server.',
  },
  symmetric: {
    sentence: 'The NAT uses another port for each destination, so no peer could reach this host.',
    cure: 'Enable symmetric-nat-support, or name a TURN server in the key turn.',
  },
  'mapped-not-global': {
    sentence: 'The server sees this host at an address that is not global.',
    cure: 'Use a server on the Internet. In a laboratory, add the range to extra-global-ipv4.',
  },
};

const disabled: Readonly<Record<string, Why>> = {
  'switched-off': { sentence: 'The key enabled is false.', cure: 'Set enabled = true to use Teredo.' },
  'managed-network': {
    sentence: 'This host is a member of a managed domain, where Teredo stays off.',
    cure: 'Set managed-network = "ignore" to use it all the same.',
  },
  'native-ipv6': {
    sentence: 'This host has native IPv6 and does not need Teredo.',
    cure: 'Set native-ipv6 = "ignore" to use it all the same.',
  },
  'other-preferred': { sentence: 'This host has a preferred way to IPv6.' },
  idle: { sentence: 'This host sends nothing through the tunnel. The client continues with its next packet.' },
};

const tones: Readonly<Record<string, StateText['tone']>> = {
  qualified: 'good',
  running: 'good',
  initial: 'busy',
  starting: 'busy',
  waiting: 'busy',
  disabled: 'idle',
  'off-line': 'bad',
  degraded: 'bad',
};

export function stateText(status: Status, explanations: Explanations | undefined): StateText {
  return {
    title: capital(status.state),
    tone: tones[status.state] ?? 'busy',
    whys: [...ownWhys(status, explanations), ...nativeWhys(status)],
  };
}

function ownWhys(status: Status, explanations: Explanations | undefined): readonly Why[] {
  const { state, degraded, waitingFor, disabledReason, offlineReason, evidence } = status;
  if (degraded !== undefined) return degraded;
  if (waitingFor !== undefined) {
    const wanted = explanations?.waiting[waitingFor] ?? waitingFor;
    return [{ sentence: `Waiting for ${wanted}. The program continues by itself when it is there.`, evidence }];
  }
  if (disabledReason !== undefined)
    return [{ ...(disabled[disabledReason] ?? { sentence: disabledReason }), evidence }];
  if (offlineReason !== undefined) return [offline[offlineReason] ?? { sentence: offlineReason }];
  if (state === 'qualified') return [{ sentence: 'This host has a Teredo address and can be reached at it.' }];
  if (state === 'running') return [{ sentence: runningSentence(status) }];
  const server = status.serverName ?? status.server;
  return [{ sentence: server === undefined ? 'The program is starting.' : `Asking server ${server} for an address.` }];
}

function runningSentence({ role }: Status): string {
  if (role === 'server') return 'The server answers clients and forwards their bubbles.';
  if (role === 'relay') return 'The relay carries packets between native IPv6 and Teredo clients.';
  return 'This host exchanges packets with Teredo clients directly.';
}

function nativeWhys({ nativeReachability, state }: Status): readonly Why[] {
  if (state !== 'qualified' || nativeReachability?.state !== 'failing') return [];
  const sentence = 'No native IPv6 host answers. Peers with Teredo addresses may.';
  return [{ sentence, cure: diagnose, since: nativeReachability.since }];
}
