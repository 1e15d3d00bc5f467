import { parseIpv4, parseIpv6 } from '@navalis/address';
import type { AuthenticationFailure, EngineEvent, PortRefusal } from '@navalis/engine';
import type { DisabledReason } from '@navalis/life';
import { describe, expect, it } from 'vitest';
import { EventNarrator } from '../src/index.ts';

const server = parseIpv4('192.0.2.1')!;
const address = parseIpv6('2001:0:c000:201:1234:efff:34ff:8ef8')!;
const offline: EngineEvent = { kind: 'off-line', reason: 'server-silent', server, retryInMs: 30_400 };
const assigned: EngineEvent = {
  kind: 'address-assigned',
  address,
  mapped: { address: parseIpv4('203.0.113.7')!, port: 4096 },
  server,
  nat: 'restricted',
  mtu: 1280,
};

describe('the narrator', () => {
  it('decodes an assigned address', () => {
    const line = new EventNarrator('client').describe(assigned);
    expect(line.level).toBe('info');
    for (const part of ['2001:0:c000:201:1234:efff:34ff:8ef8', '192.0.2.1', '203.0.113.7:4096', 'restricted', '1280']) {
      expect(line.sentence).toContain(part);
    }
    expect(line.fields).toMatchObject({ event: 'address-assigned', mapped: '203.0.113.7:4096', nat: 'restricted' });
  });

  it('says why a client is off-line and when it tries again', () => {
    const narrator = new EventNarrator('client');
    expect(narrator.describe(offline)).toMatchObject({ level: 'warn' });
    expect(narrator.describe(offline).sentence).toBe(
      'Off-line: server 192.0.2.1 does not answer; next attempt in 30 s. A firewall may block UDP port 3544, or the server may be down. Run "teredo-client diagnose" on this host.',
    );
    for (const reason of ['secondary-silent', 'symmetric', 'mapped-not-global'] as const) {
      expect(narrator.describe({ ...offline, reason })).toMatchObject({ level: 'warn', fields: { reason } });
    }
  });

  it('[TU-19] says once that a TURN server has not answered, until one gives an allocation', () => {
    const narrator = new EventNarrator('client');
    const turn = { server: { address: server, port: 3478 }, transport: 'tls' } as const;
    const unanswered = { kind: 'turn-unanswered', ...turn, forMs: 3_500 } as const;
    expect(narrator.describe(unanswered)).toEqual({
      level: 'warn',
      sentence:
        'TURN server 192.0.2.1:3478 over TLS has not answered for 3.5 s: still waiting. Check its address and port, and whether a firewall blocks them.',
      fields: { event: 'turn-unanswered', server: '192.0.2.1:3478', transport: 'tls', forMs: 3_500 },
    });
    expect(narrator.describe(unanswered).level).toBe('debug');
    narrator.describe({ kind: 'turn-allocated', ...turn, relayed: turn.server });
    expect(narrator.describe(unanswered).level).toBe('warn');
  });

  it('[RT-04] does not blame the server where this host has no route to it', () => {
    expect(new EventNarrator('client').describe({ ...offline, reason: 'no-route' })).toMatchObject({
      level: 'warn',
      sentence:
        'This host has no IPv4 route to 192.0.2.1. Waiting for one. Connect this host to a network, and look at "ip route".',
      fields: { reason: 'no-route', server: '192.0.2.1' },
    });
  });

  it('names the secondary address that is silent, where it comes from, and the key for another', () => {
    const tell = (secondary: string) =>
      new EventNarrator('client').describe({
        ...offline,
        reason: 'secondary-silent',
        secondary: parseIpv4(secondary)!,
      });
    expect(tell('192.0.2.2').sentence).toBe(
      'Off-line: the secondary address 192.0.2.2 of server 192.0.2.1 does not answer as that server does (primary + 1, the default); next attempt in 30 s. Set the key server-secondary to the address that the server uses, or use another server.',
    );
    expect(tell('192.0.2.2').fields).toMatchObject({ server: '192.0.2.1', secondary: '192.0.2.2' });
    expect(tell('192.0.2.9').sentence).toBe(
      'Off-line: the secondary address 192.0.2.9 of server 192.0.2.1 does not answer as that server does; next attempt in 30 s. Set the key server-secondary to the address that the server uses, or use another server.',
    );
    expect(new EventNarrator('client').describe(offline).fields).not.toHaveProperty('secondary');
  });

  it('[CL-I-16] says that native hosts fail, and the cure', () => {
    const narrator = new EventNarrator('client');
    expect(narrator.describe({ kind: 'native-hosts-fail', failedTests: 4 })).toEqual({
      level: 'warn',
      sentence:
        'No native IPv6 host answers: 4 connectivity tests in a row failed. The server may have no IPv6, or no relay may serve these hosts: run teredo-client diagnose, then try another server or run a relay.',
      fields: { event: 'native-hosts-fail', failedTests: 4 },
    });
    const inRelay = new EventNarrator('client', 'host-relay');
    expect(inRelay.describe({ kind: 'native-hosts-fail', failedTests: 4 }).sentence).toContain(
      ': run teredo-host-relay diagnose, then',
    );
    expect(inRelay.describe(offline).sentence).toMatch(/Run "teredo-host-relay diagnose" on this host\.$/);
    expect(narrator.describe({ kind: 'native-hosts-answer' })).toMatchObject({
      level: 'info',
      sentence: 'Native IPv6 hosts answer now.',
    });
  });

  it('says that the preferred server answers, which it may not have done before', () => {
    const instead = parseIpv4('198.51.100.1')!;
    expect(new EventNarrator('client').describe({ kind: 'server-back', server, instead })).toEqual({
      level: 'info',
      sentence: 'Preferred server 192.0.2.1 answers now: switching to it from 198.51.100.1.',
      fields: { event: 'server-back', server: '192.0.2.1', instead: '198.51.100.1' },
    });
  });

  it('[SV-R-05] names the client whose authentication failed, its endpoint and the cure', () => {
    const narrator = new EventNarrator('server');
    const source = { address: parseIpv4('203.0.113.7')!, port: 4096 };
    const tell = (reason: AuthenticationFailure, identifier: string | undefined, untold = 0) =>
      narrator.describe({ kind: 'authentication-failed', reason, identifier, source, untold });
    expect(tell('wrong-secret', 'alice')).toEqual({
      level: 'warn',
      sentence:
        'Refused a solicitation from 203.0.113.7:4096: client "alice" used another secret or algorithm than client-keys has for it. Compare the two.',
      fields: {
        event: 'authentication-failed',
        reason: 'wrong-secret',
        identifier: 'alice',
        source: '203.0.113.7:4096',
        untold: 0,
      },
    });
    expect(tell('unknown-identifier', 'bob', 1).sentence).toMatch(/no client "bob"\. .*\. 1 more was refused/);
    const anonymous = tell('no-identifier', undefined, 12);
    expect(anonymous.sentence).toMatch(
      /it names no client identifier, .*\. 12 more were refused since the last such line\.$/,
    );
    expect(anonymous.fields).not.toHaveProperty('identifier');
  });

  it('gives the reason why a client is disabled, and reports its end', () => {
    const narrator = new EventNarrator('client');
    const tell = (reason: DisabledReason, evidence?: string) =>
      narrator.describe({ kind: 'disabled', reason, evidence }).sentence;
    expect(tell('switched-off')).toBe('Not using Teredo: the key enabled is false.');
    expect(tell('idle', '600 s')).toContain('sent nothing through it for 600 s (key idle-timeout)');
    expect(narrator.describe({ kind: 'wanted' }).sentence).toContain('a packet for the tunnel');
    expect(tell('native-ipv6', '2a00:1::1')).toContain('this host has the IPv6 address 2a00:1::1');
    expect(tell('managed-network', '/etc/krb5.keytab')).toContain('managed domain: /etc/krb5.keytab exists');
    expect(tell('other-preferred', '198.51.100.7')).toContain('global IPv4 address 198.51.100.7');
    const isOver = (reason: DisabledReason) => narrator.describe({ kind: 'enabled', reason }).sentence;
    expect(isOver('native-ipv6')).toBe('Using Teredo: native IPv6 is gone.');
    expect(isOver('managed-network')).toContain('no longer a member of a managed domain');
    expect(isOver('other-preferred')).toContain('the preferred way to IPv6 is gone');
  });

  it('[CL-D-15] reports the findings about the NAT, and nothing else', () => {
    const narrator = new EventNarrator('client');
    const tell = (refreshIntervalMs: number, keptMs?: number, forgottenMs?: number) => {
      const kind = 'refresh-interval-determined';
      const { level, sentence } = narrator.describe({ kind, refreshIntervalMs, keptMs, forgottenMs });
      return `${level}: ${sentence}`;
    };
    expect(tell(90_000, 90_000)).toBe('info: The NAT keeps idle mappings for at least 90 s; refreshing every 90 s.');
    expect(tell(15_000, 15_000, 18_750)).toBe(
      'info: The NAT keeps idle mappings for at least 15 s and forgets them within 18.75 s; refreshing every 15 s.',
    );
    expect(tell(5_000, undefined, 5_000)).toBe(
      'warn: The NAT forgets idle mappings within 5 s; refreshing every 5 s, and peers may lose this host in between.',
    );
    expect(tell(30_000)).toBe(
      'info: Could not measure how long the NAT keeps idle mappings, because the second port got no address; refreshing every 30 s.',
    );
    const { fields } = narrator.describe({
      kind: 'refresh-interval-determined',
      refreshIntervalMs: 37_500,
      keptMs: 37_500,
      forgottenMs: 45_000,
    });
    expect(fields).toEqual({
      event: 'refresh-interval-determined',
      refreshIntervalMs: 37_500,
      keptMs: 37_500,
      forgottenMs: 45_000,
    });
  });

  it('[CL-C-14] names the fastest server once', () => {
    const narrator = new EventNarrator('client');
    const event = { kind: 'fastest-server', server, roundTripMs: 12.345, asked: 8 } as const;
    expect(narrator.describe(event)).toEqual({
      level: 'info',
      sentence: 'Server 192.0.2.1 is the fastest of 8: it answered after 12.3 ms.',
      fields: { event: 'fastest-server', server: '192.0.2.1', roundTripMs: 12.3, asked: 8 },
    });
    expect(narrator.describe(event).level).toBe('debug');
  });

  it('describes servers that come back and servers that move', () => {
    const narrator = new EventNarrator('client');
    const back = narrator.describe({ kind: 'server-back', server, instead: server + 1 });
    expect(back).toMatchObject({ level: 'info', fields: { server: '192.0.2.1', instead: '192.0.2.2' } });
    const replaced = narrator.describe({ kind: 'server-replaced', server: server + 1, instead: server });
    expect(replaced).toMatchObject({ level: 'warn', fields: { server: '192.0.2.2', instead: '192.0.2.1' } });
    expect(replaced.sentence).toBe('Server 192.0.2.1 no longer answers: switching to 192.0.2.2.');
    const moved = narrator.describe({
      kind: 'server-moved',
      name: 'teredo.example',
      before: [server],
      servers: [server + 1],
    });
    expect(moved).toMatchObject({ level: 'warn', fields: { servers: '192.0.2.2', before: '192.0.2.1' } });
    expect(moved.sentence).toBe(
      'Server teredo.example has moved: it resolves to 192.0.2.2, and resolved to 192.0.2.1 before.',
    );
    const first = narrator.describe({ kind: 'server-moved', name: 'teredo.example', before: [], servers: [server] });
    expect(first.sentence).toMatch(/it resolves to 192\.0\.2\.1\.$/);
    const servers = [server, server + 1];
    const more = narrator.describe({ kind: 'server-moved', name: 'teredo.example', before: [server + 2], servers });
    expect(more.sentence).toBe(
      'Server teredo.example has moved: it resolves to 192.0.2.1, 192.0.2.2, and resolved to 192.0.2.3 before.',
    );
  });

  it('logs events of each retry at the level debug only', () => {
    const narrator = new EventNarrator('client');
    const local = { address: parseIpv4('10.0.0.7')!, port: 4096 };
    const lines = [
      narrator.describe({ kind: 'new-port-wanted' }),
      narrator.describe({ kind: 'port-changed', local }),
      narrator.describe({ kind: 'server-unheard', server, address: assigned.address }),
      narrator.describe({ kind: 'server-heard', server }),
    ];
    expect(lines.map(({ level }) => level)).toEqual(['debug', 'debug', 'debug', 'debug']);
    expect(lines[1]!.sentence).toBe('Sending from 10.0.0.7:4096.');
  });

  it('reports that no port can be opened with the cure, once for each reason', () => {
    const narrator = new EventNarrator('client');
    const tell = (reason: PortRefusal) => narrator.describe({ kind: 'port-refused', reason });
    expect(tell('descriptor-limit')).toEqual({
      level: 'warn',
      sentence:
        'Cannot open another UDP port: no file descriptor is left for this process or on this host. Raise the limit (LimitNOFILE in the systemd unit, or ulimit -n).',
      fields: { event: 'port-refused', reason: 'descriptor-limit' },
    });
    expect(tell('descriptor-limit').level).toBe('debug');
    const others = (['address-gone', 'table-full', 'system-refused'] as const).map(tell);
    expect(others.map(({ level }) => level)).toEqual(['warn', 'warn', 'warn']);
    expect(new Set(others.map(({ sentence }) => sentence)).size).toBe(3);
    for (const { sentence } of others) expect(sentence).toMatch(/^Cannot open another UDP port: .+\. .+\.$/);
  });

  it('describes a sleep and a move to another network', () => {
    const narrator = new EventNarrator('client');
    expect(narrator.describe({ kind: 'resumed', sleptMs: 599_700.4 }).sentence).toContain('slept for 600 s');
    const local = { address: parseIpv4('10.0.0.7')!, port: 4096 };
    expect(narrator.describe({ kind: 'local-changed', local }).sentence).toContain('sending from 10.0.0.7:4096.');
    const none = narrator.describe({ kind: 'local-changed', local: { address: 0, port: 4096 } });
    expect(none).toMatchObject({
      level: 'warn',
      sentence: 'The network changed: this host no longer has an IPv4 route to its server.',
    });
  });

  it('repeats neither attempts nor failures until something changes', () => {
    const narrator = new EventNarrator('client');
    const starting: EngineEvent = { kind: 'qualification-started', server };
    const levels = [starting, offline, starting, offline].map((event) => narrator.describe(event).level);
    expect(levels).toEqual(['info', 'warn', 'debug', 'debug']);
    expect(narrator.describe({ ...offline, server: server + 1 }).level).toBe('warn');
    narrator.describe(assigned);
    expect(narrator.describe(offline).level).toBe('warn');
  });

  it('names the engine that starts or stops, and the address that is lost', () => {
    const narrator = new EventNarrator('relay');
    const started = { level: 'debug', sentence: "The relay's engine has started." };
    expect(narrator.describe({ kind: 'started' })).toMatchObject(started);
    // The program may go on: a client that went idle or stepped back.
    const stopped = { level: 'debug', sentence: "The relay's engine has stopped." };
    expect(narrator.describe({ kind: 'stopped' })).toMatchObject(stopped);
    expect(narrator.describe({ kind: 'address-lost', address }).sentence).toContain(
      '2001:0:c000:201:1234:efff:34ff:8ef8',
    );
  });
});
