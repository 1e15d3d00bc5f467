import { describe, expect, it } from 'vitest';
import { drawingOf } from '../src/app/model/drawing.ts';
import type { Status } from '../src/facts.ts';
import { recordings } from './recorded.ts';

const hostRelay = { ...recordings.hostRelay.status, function: 'relay' };

/** The states of each kind of program in which all works. */
const healthy: Readonly<Record<string, Status>> = {
  client: recordings.healthy.status,
  server: recordings.server.status,
  relay: recordings.crowded.status,
  'host-relay as relay': hostRelay,
  'host-relay as client': { ...recordings.healthy.status, role: 'host-relay', function: 'client' },
};

/** The titles of the boxes to which a drawn path is broken: none leads to the first column. */
function brokenIn(status: Status): readonly string[] {
  const columns = drawingOf(status, undefined).slice(1);
  return columns.flat().flatMap(({ title, path }) => (path === 'broken' ? [title] : []));
}

function degradedBy(status: Status, ...reasons: readonly string[]): Status {
  const since = status.since;
  return {
    ...status,
    state: 'degraded',
    degraded: reasons.map((reason) => ({ reason, since, sentence: '', cure: '' })),
  };
}

describe.each(Object.entries(healthy))('the drawing of a %s', (_, status) => {
  it('has no broken path while all works', () => {
    expect(brokenIn(status)).toEqual([]);
  });

  it.each([
    'interface',
    'address-gone',
    'no-ipv4-address',
    'no-global-ipv6',
    'no-native-route',
    'no-ipv6-connectivity',
    'forwarding-off',
    'send-failed',
    'server-silent',
    'a reason of a later version',
  ])('has a broken path while the program is degraded: %s', (reason) => {
    expect(brokenIn(degradedBy(status, reason))).not.toEqual([]);
  });

  it('has a broken path while the program waits', () => {
    expect(brokenIn({ ...status, state: 'waiting' })).not.toEqual([]);
  });
});

describe('the drawing', () => {
  it.each([
    ['client', 'server-silent', /^Server$/],
    ['client', 'interface', /NAT$/],
    ['server', 'no-ipv6-connectivity', /^IPv6 Internet$/],
    ['relay', 'no-native-route', /^This relay$/],
    ['relay', 'no-ipv4-address', /client/],
  ])('of a %s breaks at the place of %s only', (kind, reason, place) => {
    for (const title of brokenIn(degradedBy(healthy[kind]!, reason))) expect(title).toMatch(place);
  });

  it('of a server shows the other reasons beside missing IPv6', () => {
    const broken = brokenIn(degradedBy(recordings.server.status, 'no-ipv6-connectivity', 'address-gone'));
    expect(broken).toEqual(['This server', 'Other clients', 'IPv6 Internet']);
  });
});
