import { readFileSync } from 'node:fs';
import { parseIpv4, parseIpv6 } from '@navalis/address';
import type { EngineEvent } from '@navalis/engine';
import type { ControlEvent } from '@navalis/life';
import { describe, expect, it } from 'vitest';
import { hostEventOf } from '../../src/hooks/engine-events.ts';
import { EventFeed } from '../../src/hooks/event-feed.ts';
import { eventMeanings, type HostEvent } from '../../src/hooks/host-event.ts';

const server = parseIpv4('198.51.100.10')!;
const other = parseIpv4('198.51.100.14')!;
const address = parseIpv6('2001:0:c633:640a::1')!;
const mapped = { address: parseIpv4('203.0.113.11')!, port: 4096 };
const assigned: HostEvent = {
  event: 'address-assigned',
  address: '2001:0:c633:640a::1',
  server: '198.51.100.10',
  mapped: { address: '203.0.113.11', port: 4096 },
  nat: 'restricted',
  mtu: 1280,
};

describe('events for other programs', () => {
  it.each<[EngineEvent | ControlEvent, HostEvent | undefined]>([
    [{ kind: 'address-assigned', address, mapped, server, nat: 'restricted', mtu: 1280 }, assigned],
    [
      { kind: 'address-lost', address },
      { event: 'address-lost', address: '2001:0:c633:640a::1' },
    ],
    [
      { kind: 'off-line', reason: 'server-silent', server, retryInMs: 5_000 },
      { event: 'off-line', reason: 'server-silent', server: '198.51.100.10' },
    ],
    [
      { kind: 'server-replaced', server, instead: other },
      { event: 'server-changed', server: '198.51.100.10', before: '198.51.100.14' },
    ],
    [
      { kind: 'server-back', server, instead: other },
      { event: 'server-changed', server: '198.51.100.10', before: '198.51.100.14' },
    ],
    [
      { kind: 'server-moved', name: 'a.example', before: [], servers: [server] },
      { event: 'server-moved', name: 'a.example', before: [], servers: ['198.51.100.10'] },
    ],
    [
      { kind: 'turn-allocated', server: mapped, transport: 'udp', relayed: mapped },
      {
        event: 'turn-in-use',
        server: { address: '203.0.113.11', port: 4096 },
        transport: 'udp',
        relayed: { address: '203.0.113.11', port: 4096 },
      },
    ],
    [
      { kind: 'turn-lost', server: mapped, transport: 'tcp', reason: 'silent' },
      { event: 'turn-lost', server: { address: '203.0.113.11', port: 4096 }, transport: 'tcp', reason: 'silent' },
    ],
    [
      { kind: 'disabled', reason: 'idle', evidence: '60 s' },
      { event: 'disabled', reason: 'idle', evidence: '60 s' },
    ],
    [
      { kind: 'disabled', reason: 'switched-off', evidence: undefined },
      { event: 'disabled', reason: 'switched-off' },
    ],
    [
      { kind: 'enabled', reason: 'native-ipv6' },
      { event: 'enabled', reason: 'native-ipv6' },
    ],
    [{ kind: 'wanted' }, { event: 'enabled', reason: 'idle' }],
    [{ kind: 'native-hosts-fail', failedTests: 3 }, { event: 'native-hosts-fail' }],
    [{ kind: 'native-hosts-answer' }, { event: 'native-hosts-answer' }],
    [{ kind: 'port-changed', local: mapped }, undefined],
  ])('%j', (event, told) => {
    expect(hostEventOf(event)).toEqual(told);
  });

  it('are described in the guide, each once and no other', () => {
    const page = readFileSync(new URL('../../../../docs/operate/events.md', import.meta.url), 'utf8');
    const rows = [...page.matchAll(/^\| `([a-z-]+)` \| (.*?) \|/gm)].map(([, name, meaning]) => [name, meaning]);
    expect(rows).toEqual(Object.entries(eventMeanings));
  });
});

describe('the feed of events', () => {
  function feed() {
    const told: HostEvent[] = [];
    return { told, subject: new EventFeed({ tell: (event) => void told.push(event) }) };
  }

  it.each<HostEvent>([
    { event: 'stopped' },
    { event: 'waiting', reason: 'server-name', sentence: 'No server.' },
    { event: 'disabled', reason: 'native-ipv6' },
    { event: 'off-line', reason: 'server-silent', server: '198.51.100.10' },
    { event: 'function-changed', function: 'relay' },
  ])('says before %j that the address is lost, once', (event) => {
    const { told, subject } = feed();
    subject.tell(assigned);
    subject.tell(event);
    subject.tell({ event: 'stopped' });
    const lost = { event: 'address-lost', address: '2001:0:c633:640a::1' };
    expect(told.slice(0, 3)).toEqual([assigned, lost, event]);
    expect(told.filter(({ event: name }) => name === 'address-lost')).toHaveLength(1);
  });

  it('keeps the address of an idle client', () => {
    const { told, subject } = feed();
    subject.tell(assigned);
    subject.tell({ event: 'disabled', reason: 'idle' });
    expect(told).toHaveLength(2);
  });

  it('reports repeated attempts without success once, until there is an address again', () => {
    const { told, subject } = feed();
    const failed: HostEvent = { event: 'off-line', reason: 'server-silent', server: '198.51.100.10' };
    const otherwise: HostEvent = { ...failed, reason: 'no-route' };
    for (const event of [failed, failed, otherwise, otherwise, assigned, failed]) subject.tell(event);
    expect(told.map(({ event }) => event)).toEqual([
      'off-line',
      'off-line',
      'address-assigned',
      'address-lost',
      'off-line',
    ]);
  });
});
