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
  if (disabledReason !== undefined) return [{ ...whyOf(disabledReason, explanations?.disabled), evidence }];
  if (offlineReason !== undefined) return [whyOf(offlineReason, explanations?.offline)];
  if (state === 'qualified') return [{ sentence: 'This host has a Teredo address and can be reached at it.' }];
  if (state === 'running') return [{ sentence: runningSentence(status) }];
  const server = status.serverName ?? status.server;
  return [{ sentence: server === undefined ? 'The program is starting.' : `Asking server ${server} for an address.` }];
}

/** Returns the name of the reason where its meaning is not known yet. */
function whyOf(reason: string, meanings: Explanations['offline'] = {}): Why {
  const { meaning: sentence = reason, cure } = meanings[reason] ?? {};
  return { sentence, cure };
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
