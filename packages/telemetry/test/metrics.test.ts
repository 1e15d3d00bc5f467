import { Counters } from '@navalis/engine';
import { describe, expect, it } from 'vitest';
import { createMetrics } from '../src/index.ts';

describe('metrics', () => {
  it('carry totals by name and drops by reason', async () => {
    const counters = new Counters();
    counters.datagramsReceived = 7;
    counters.drop('rule-7', 3);
    const metrics = await createMetrics('server', '1.2.3', { degraded: [], waiting: [] });
    const text = await metrics.render({ state: 'running', peers: 4, degraded: [], counters: counters.snapshot() });
    expect(text).toContain('navalis_datagrams_received_total{role="server"} 7');
    expect(text).toContain('navalis_octets_sent_total{role="server"} 0');
    expect(text).toContain('navalis_drops_total{reason="rule-7",role="server"} 3');
    expect(text).toContain('navalis_peers{role="server"} 4');
    expect(text).toContain('navalis_info{version="1.2.3",role="server"} 1');
    expect(metrics.contentType).toContain('text/plain');
  });

  it('follow the snapshots and forget past states', async () => {
    const counters = new Counters();
    const metrics = await createMetrics('client', '1.2.3', { degraded: [], waiting: [] });
    counters.datagramsSent = 1;
    await metrics.render({ state: 'starting', peers: 0, degraded: [], counters: counters.snapshot() });
    counters.datagramsSent = 5;
    const text = await metrics.render({ state: 'qualified', peers: 0, degraded: [], counters: counters.snapshot() });
    expect(text).toContain('navalis_datagrams_sent_total{role="client"} 5');
    expect(text).toContain('navalis_state{state="qualified",role="client"} 1');
    expect(text).not.toContain('starting');
  });

  it('have a value for every reason to be degraded, also for those that do not apply', async () => {
    const counters = new Counters().snapshot();
    const metrics = await createMetrics('relay', '1.2.3', { degraded: ['interface', 'forwarding-off'], waiting: [] });
    const text = await metrics.render({ state: 'degraded', peers: 0, degraded: ['forwarding-off'], counters });
    expect(text).toContain('navalis_degraded{reason="interface",role="relay"} 0');
    expect(text).toContain('navalis_degraded{reason="forwarding-off",role="relay"} 1');
    expect(text).toContain('navalis_state{state="degraded",role="relay"} 1');
    const later = await metrics.render({ state: 'running', peers: 0, degraded: [], counters });
    expect(later).toContain('navalis_degraded{reason="forwarding-off",role="relay"} 0');
  });

  it('count peers by the kind of their path, with a value for every kind', async () => {
    const counters = new Counters().snapshot();
    const metrics = await createMetrics('client', '1.2.3', { degraded: [], waiting: [], paths: ['direct', 'turn'] });
    const input = { state: 'qualified', peers: 3, degraded: [], counters } as const;
    const text = await metrics.render({ ...input, paths: { turn: 3 } });
    expect(text).toContain('navalis_peer_paths{path="turn",role="client"} 3');
    expect(text).toContain('navalis_peer_paths{path="direct",role="client"} 0');
    expect(await metrics.render(input)).toContain('navalis_peer_paths{path="turn",role="client"} 0');
  });

  it('name the resource that a role waits for, with a value for every possible one', async () => {
    const counters = new Counters().snapshot();
    const reasons = { degraded: [], waiting: ['server-name', 'bind-address'] };
    const metrics = await createMetrics('client', '1.2.3', reasons);
    const input = { peers: 0, degraded: [], counters };
    const text = await metrics.render({ ...input, state: 'waiting', waitingFor: 'bind-address' });
    expect(text).toContain('navalis_waiting{reason="server-name",role="client"} 0');
    expect(text).toContain('navalis_waiting{reason="bind-address",role="client"} 1');
    expect(text).toContain('navalis_state{state="waiting",role="client"} 1');
    const later = await metrics.render({ ...input, state: 'starting' });
    expect(later).toContain('navalis_waiting{reason="bind-address",role="client"} 0');
  });

  it('have a value for every state and every drop reason of the role, also before anything happens', async () => {
    const counters = new Counters();
    counters.drop('rule-7', 2);
    const reasons = { degraded: [], waiting: [], states: ['running', 'degraded'], drops: ['rule-7', 'host-packet'] };
    const metrics = await createMetrics('server', '1.2.3', reasons);
    const text = await metrics.render({ state: 'running', peers: 0, degraded: [], counters: counters.snapshot() });
    expect(text).toContain('navalis_state{state="running",role="server"} 1');
    expect(text).toContain('navalis_state{state="degraded",role="server"} 0');
    expect(text).toContain('navalis_drops_total{reason="rule-7",role="server"} 2');
    expect(text).toContain('navalis_drops_total{reason="host-packet",role="server"} 0');
  });

  it('tell when the process started, in seconds', async () => {
    const metrics = await createMetrics('server', '1.2.3', { degraded: [], waiting: [] });
    const counters = new Counters().snapshot();
    const text = await metrics.render({ state: 'running', peers: 0, degraded: [], counters });
    const started = Number(/^process_start_time_seconds\{role="server"\} (.*)$/m.exec(text)?.[1]);
    expect(Math.abs(started * 1000 - performance.timeOrigin)).toBeLessThan(1);
    const later = await metrics.render({ state: 'running', peers: 0, degraded: [], counters, startedAtMs: 1_500 });
    expect(later).toContain('process_start_time_seconds{role="server"} 1.5\n');
  });

  it('of a client tell why it is off-line or disabled, its NAT and what it has, with a value for all else', async () => {
    const counters = new Counters().snapshot();
    const metrics = await createMetrics('client', '1.2.3', {
      degraded: [],
      waiting: [],
      isClient: true,
      routes: ['default'],
    });
    const input = { state: 'off-line', peers: 0, degraded: [], counters } as const;
    const expectLines = (text: string, ...lines: readonly string[]) => {
      for (const line of lines) expect(text).toContain(`navalis_${line}\n`);
    };
    expectLines(
      await metrics.render({ ...input, offlineReason: 'no-route' }),
      'offline{reason="no-route",role="client"} 1',
      'offline{reason="server-silent",role="client"} 0',
      'disabled{reason="idle",role="client"} 0',
      'nat{nat="unknown",role="client"} 1',
      'nat{nat="symmetric",role="client"} 0',
      'native_reachability{result="unknown",role="client"} 1',
      'turn_allocated{role="client"} 0',
      'port_mapped{role="client"} 0',
      'address_present{role="client"} 0',
    );
    expectLines(
      await metrics.render({
        ...input,
        state: 'qualified',
        nat: 'symmetric',
        address: '2001::1',
        nativeReachability: { state: 'failing' },
        turn: { relayed: {} },
        portMapping: {},
      }),
      'offline{reason="no-route",role="client"} 0',
      'nat{nat="unknown",role="client"} 0',
      'nat{nat="symmetric",role="client"} 1',
      'native_reachability{result="unknown",role="client"} 0',
      'native_reachability{result="failing",role="client"} 1',
      'turn_allocated{role="client"} 1',
      'port_mapped{role="client"} 1',
      'address_present{role="client"} 1',
    );
    expectLines(
      await metrics.render({ ...input, turn: { relayed: {}, failure: 'silent' } }),
      'turn_allocated{role="client"} 0',
    );
  });

  it.each([
    [undefined, 'off'],
    [{ isAnnounced: true }, 'announced'],
    [{ isAnnounced: false, reason: 'settling' }, 'settling'],
  ])('[RL-A-15] tell whether a relay is announced: %o', async (announcement, state) => {
    const metrics = await createMetrics('relay', '1.2.3', { degraded: [], waiting: [], unannounced: ['settling'] });
    const input = { state: 'running', peers: 0, degraded: [], counters: new Counters().snapshot() } as const;
    const text = await metrics.render({ ...input, ...(announcement && { announcement }) });
    for (const each of ['off', 'announced', 'settling']) {
      expect(text).toContain(`\nnavalis_announcement{state="${each}",role="relay"} ${Number(each === state)}\n`);
    }
  });

  it('tell routes, forwarding, restores, queues and the turns of the data plane, also without any', async () => {
    const counters = new Counters().snapshot();
    const metrics = await createMetrics('relay', '1.2.3', {
      degraded: [],
      waiting: [],
      routes: ['service-prefix', 'default'],
      needsForwarding: true,
      turnBoundsMs: [0.1, 20],
    });
    const input = { state: 'running', peers: 0, degraded: [], counters } as const;
    const expectLines = (text: string, ...lines: readonly string[]) => {
      for (const line of lines) expect(text).toContain(`\nnavalis_${line}\n`);
    };
    const upkeep = { routes: { 'service-prefix': true, default: false }, isForwarding: true, restores: 3 };
    const queues = { receiveOctets: 4, sendOctets: 5, socketDrops: 6, interfaceDrops: 7 };
    const loop = { atMost: [8, 9, 10], totalMs: 250, longestMs: 33 };
    expectLines(
      await metrics.render({ ...input, upkeep, queues, loop }),
      'route_present{route="service-prefix",role="relay"} 1',
      'route_present{route="default",role="relay"} 0',
      'forwarding_enabled{role="relay"} 1',
      'restores_total{role="relay"} 3',
      'socket_receive_queue_octets{role="relay"} 4',
      'socket_send_queue_octets{role="relay"} 5',
      'socket_drops_total{role="relay"} 6',
      'interface_drops_total{role="relay"} 7',
      'loop_longest_turn_seconds{role="relay"} 0.033',
      'loop_turn_seconds_bucket{le="0.0001",role="relay"} 8',
      'loop_turn_seconds_bucket{le="0.02",role="relay"} 9',
      'loop_turn_seconds_bucket{le="+Inf",role="relay"} 10',
      'loop_turn_seconds_sum{role="relay"} 0.25',
      'loop_turn_seconds_count{role="relay"} 10',
    );
    const own = await metrics.render({ ...input, upkeep: { ...upkeep, routes: { default: true } } });
    expect(own).not.toContain('route="service-prefix"');
    expectLines(own, 'route_present{route="default",role="relay"} 1');
    expectLines(
      await metrics.render(input),
      'route_present{route="service-prefix",role="relay"} 0',
      'forwarding_enabled{role="relay"} 0',
      'restores_total{role="relay"} 0',
      'loop_turn_seconds_bucket{le="0.0001",role="relay"} 0',
      'loop_turn_seconds_count{role="relay"} 0',
    );
  });
});
