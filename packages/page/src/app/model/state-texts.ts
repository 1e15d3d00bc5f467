import type { Status } from '../../facts.ts';
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
  /** Since when, over all attempts of an off-line client. */
  readonly since: string;
  readonly tone: 'good' | 'busy' | 'bad' | 'idle';
  readonly whys: readonly Why[];
}

const tones: Readonly<Record<string, StateText['tone']>> = {
  qualified: 'good',
  running: 'good',
  initial: 'busy',
  starting: 'busy',
  waiting: 'busy',
  disabled: 'idle',
  draining: 'busy',
  'off-line': 'bad',
  degraded: 'bad',
};

export function stateText(status: Status): StateText {
  const { offlineReason, cause, since } = status;
  // A client without an address is off-line, also while it tries again.
  const state = offlineReason === undefined ? status.state : 'off-line';
  return {
    title: capital(state),
    tone: tones[state] ?? 'busy',
    since: cause?.since ?? since,
    whys: [...ownWhys(status), ...nativeWhys(status), ...announcementWhys(status), ...reloadWhys(status)],
  };
}

function ownWhys(status: Status): readonly Why[] {
  const { state, cause, degraded = [] } = status;
  if (cause !== undefined) return [{ sentence: cause.sentence, cure: cause.cure }, ...degraded];
  if (degraded.length > 0) return degraded;
  if (state === 'qualified') return [{ sentence: 'This host has a Teredo address and can be reached at it.' }];
  if (state === 'running') return [{ sentence: runningSentence(status) }];
  const server = status.serverName ?? status.server;
  return [{ sentence: server === undefined ? 'The program is starting.' : `Asking server ${server} for an address.` }];
}

function reloadWhys({ refusedReload }: Status): readonly Why[] {
  return refusedReload === undefined
    ? []
    : [{ sentence: refusedReload.sentence, cure: 'Correct it, and reload again.' }];
}

function runningSentence({ role }: Status): string {
  if (role === 'server') return 'The server answers clients and forwards their bubbles.';
  if (role === 'relay') return 'The relay carries packets between native IPv6 and Teredo clients.';
  return 'This host exchanges packets with Teredo clients directly.';
}

function announcementWhys({ state, announcement }: Status): readonly Why[] {
  if (state !== 'running' || announcement === undefined) return [];
  const { isAnnounced, since, sentence = '' } = announcement;
  if (isAnnounced) return [{ sentence: 'This relay is announced to routers.', since }];
  return [{ sentence: `This relay is not announced to routers. ${sentence}`, since }];
}

function nativeWhys({ role, nativeReachability, state }: Status): readonly Why[] {
  if (state !== 'qualified' || nativeReachability?.state !== 'failing') return [];
  const sentence = 'No native IPv6 host answers. Peers with Teredo addresses may.';
  const cure = `Run "teredo-${role} diagnose" on this host.`;
  return [{ sentence, cure, since: nativeReachability.since }];
}
