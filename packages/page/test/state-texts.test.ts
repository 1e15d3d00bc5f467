import { describe, expect, it } from 'vitest';
import { stateText } from '../src/app/model/state-texts.ts';
import { recordings } from './recorded.ts';

const offline = recordings.offline.status;
const cause = offline.cause!;
const { sentence, cure } = cause;

describe('the text of a state', () => {
  it.each(['off-line', 'starting'])('takes sentence, cure and duration of an off-line client that is %s', (state) => {
    expect(stateText({ ...offline, state, since: '2026-06-01T11:59:53Z' })).toEqual({
      title: 'Off-line',
      tone: 'bad',
      since: cause.since,
      whys: [{ sentence, cure }],
    });
  });

  it('tells why a client is not used', () => {
    const idle = { reason: 'idle', since: cause.since, sentence: 'Nothing was sent for 60 s.' };
    const status = { ...recordings.healthy.status, state: 'disabled', cause: idle };
    expect(stateText(status)).toMatchObject({ title: 'Disabled', whys: [{ sentence: idle.sentence }] });
  });

  it('tells why the last reload changed nothing', () => {
    const refusedReload = { since: cause.since, sentence: 'The configuration stays as it was: no.' };
    const { whys } = stateText({ ...recordings.healthy.status, refusedReload });
    expect(whys.at(-1)).toEqual({ sentence: refusedReload.sentence, cure: 'Correct it, and reload again.' });
    expect(whys).toHaveLength(stateText(recordings.healthy.status).whys.length + 1);
  });

  it('tells why a program drains, and whether a relay is announced', () => {
    const relay = { ...recordings.healthy.status, role: 'relay', state: 'running' };
    const { since } = cause;
    const told = stateText({ ...relay, announcement: { isAnnounced: true, since } });
    expect(told.whys.map((why) => why.sentence)).toContain('This relay is announced to routers.');
    const untold = stateText({ ...relay, announcement: { isAnnounced: false, since, sentence: 'It is new.' } });
    expect(untold.whys.map((why) => why.sentence)).toContain('This relay is not announced to routers. It is new.');
    const draining = { reason: 'draining', since, sentence: 'About to end.' };
    expect(stateText({ ...relay, state: 'draining', cause: draining })).toMatchObject({
      title: 'Draining',
      tone: 'busy',
      whys: [{ sentence: 'About to end.' }],
    });
  });

  it('names the program in the cure when native hosts fail', () => {
    const nativeReachability = { state: 'failing', since: cause.since };
    const status = { ...recordings.healthy.status, role: 'host-relay', nativeReachability };
    expect(stateText(status).whys.at(-1)?.cure).toBe('Run "teredo-host-relay diagnose" on this host.');
  });

  it('tells the faults of a client that is off-line besides', () => {
    const { degraded } = recordings.degraded.status;
    expect(stateText({ ...offline, degraded: degraded! }).whys).toEqual([{ sentence, cure }, ...degraded!]);
  });
});
