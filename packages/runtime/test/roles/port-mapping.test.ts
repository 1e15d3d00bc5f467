import { parseIpv4, parseIpv6 } from '@navalis/address';
import { type ClientConfiguration, loadConfiguration } from '@navalis/config';
import { Counters } from '@navalis/engine';
import type { MappingProtocol, PortMappingEvent } from '@navalis/port-mapping';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { clientBinding } from '../../src/client-data-plane.ts';
import { freeUdpPort } from '../../src/host/routes/free-port.ts';
import { gatewayOf } from '../../src/host/routes/route-probe.ts';
import { ClientControl } from '../../src/roles/client/client-control.ts';
import { describeMapping } from '../../src/roles/client/port-mapping/mapping-sentences.ts';
import { statusPage } from '../../src/status/status-page.ts';
import type { ClientEngineSettings } from '../../src/worker/settings.ts';
import { FakeMachine, hostWith } from '../fakes.ts';

const gateway = parseIpv4('198.51.100.1')!;
const address = parseIpv4('198.51.100.7')!;
const mapped = { address: parseIpv4('203.0.113.7')!, port: 45_000 };

const assigned = {
  kind: 'address-assigned',
  address: parseIpv6('2001:0:808:808:1234:5037:34ff:8ef8')!,
  mapped,
  server: parseIpv4('8.8.8.8')!,
  nat: 'restricted',
  mtu: 1280,
} as const;

describe('a client that asks its router for a mapping', () => {
  beforeEach(() => void vi.useFakeTimers());
  afterEach(() => void vi.useRealTimers());

  let machine: FakeMachine;
  beforeEach(() => {
    machine = new FakeMachine();
    machine.host = hostWith();
  });

  function configured(values: Record<string, unknown>): ClientConfiguration {
    const all = { server: '8.8.8.8', 'state-directory': '/srv/state', ...values };
    const raw = new Map(Object.entries(all).map(([key, value]) => [key, { value, source: 'flag' as const }]));
    return loadConfiguration('client', { config: '/dev/null', values: raw }) as ClientConfiguration;
  }

  async function clientWith(values: Record<string, unknown> = { 'port-mapping': 'auto' }): Promise<ClientControl> {
    return new ClientControl(configured(values), await machine.context());
  }

  async function startedClient(values?: Record<string, unknown>): Promise<ClientControl> {
    const control = await clientWith(values);
    const started = control.start();
    await vi.advanceTimersByTimeAsync(4_000);
    await started;
    return control;
  }

  const settings = () => machine.dataPlanes.at(-1)!.settings;
  const port = () => settings().devices.sockets[0]!.endpoint.port;
  const engine = () => settings().engine as ClientEngineSettings;

  it('[UPNP-19] does so only when told to', async () => {
    const control = await startedClient({});
    expect([machine.mapping.parts, port()]).toEqual([undefined, 0]);
    expect((await control.status()).portMapping).toBeUndefined();
    await control.stop();
  });

  it('[UPNP-17] asks the router of the route in use before its engine starts', async () => {
    machine.mapping.answerAfterMs = 2_000;
    const control = await clientWith();
    const started = control.start();
    await vi.advanceTimersByTimeAsync(1_900);
    expect(machine.mapping.routes).toEqual([{ gateway, local: { address, port: 45_000 } }]);
    expect([...machine.states.keys()]).toEqual([]);
    expect(machine.mapping.parts!.protocols).toEqual(['pcp', 'nat-pmp', 'upnp']);
    expect(machine.dataPlanes).toEqual([]);
    await vi.advanceTimersByTimeAsync(200);
    await started;
    expect([...machine.states.keys()]).toEqual(['/srv/state/client-teredo.json']);
    expect(port()).toBe(45_000);
    expect(engine().portMapping).toEqual(mapped);
    expect(machine.dataPlanes[0]!.updates).toEqual([]);
    expect(machine.log).toContain('The router at 198.51.100.1 maps 203.0.113.7:45000 to this host (NAT-PMP).');
    await control.stop();
  });

  it('[UPNP-17] starts without a mapping after 3 s, and takes the one that comes later', async () => {
    machine.mapping.answerAfterMs = 60_000;
    const control = await clientWith();
    const started = control.start();
    await vi.advanceTimersByTimeAsync(2_900);
    expect(machine.dataPlanes).toEqual([]);
    await vi.advanceTimersByTimeAsync(200);
    await started;
    expect(machine.dataPlanes).toHaveLength(1);
    expect((await control.status()).portMapping).toBeUndefined();
    await vi.advanceTimersByTimeAsync(60_000);
    expect((await control.status()).portMapping).toEqual({ protocol: 'nat-pmp', address: '203.0.113.7', port: 45_000 });
    expect(engine().portMapping).toBeUndefined();
    expect(machine.dataPlanes[0]!.updates).toEqual([{ kind: 'port-mapped', mapping: mapped }]);
    machine.mapping.parts!.report({ kind: 'lost', mapping: machine.mapping.mapping! });
    expect(machine.dataPlanes[0]!.updates.at(-1)).toEqual({ kind: 'port-mapped', mapping: undefined });
    await control.stop();
  });

  it('[UPNP-03] takes port and address of its last run again', async () => {
    let control = await startedClient();
    machine.dataPlanes.at(-1)!.observer.event(assigned);
    await control.stop();
    machine.mapping.freePort = 46_000;
    control = await startedClient();
    expect([port(), engine().formerAddress]).toEqual([45_000, assigned.address]);
    // It may still take another port when no server answers.
    expect(engine().keepsPort).toBe(false);
    await control.stop();
  });

  it('asks for a configured port and no other', async () => {
    const fields = { port: 45_000, address: '2001:0:808:808:1234:5037:34ff:8ef8' };
    machine.states.set('/srv/state/client-teredo.json', { kind: 'read', fields });
    const control = await startedClient({ 'port-mapping': 'upnp', 'bind-port': '4096' });
    expect([port(), machine.mapping.routes[0]?.local.port, engine().keepsPort]).toEqual([4_096, 4_096, true]);
    expect(machine.mapping.parts!.protocols).toEqual(['upnp']);
    await control.stop();
  });

  it('tells the mapping and dropped answers in its status', async () => {
    const control = await startedClient();
    const counters = new Counters();
    counters.drop('rate-limited');
    machine.dataPlanes[0]!.current = { ...machine.dataPlanes[0]!.current, counters: counters.snapshot() };
    machine.mapping.drops = { 'mapping-other-source': 3 };
    const report = await control.status();
    expect(report.portMapping).toEqual({ protocol: 'nat-pmp', address: '203.0.113.7', port: 45_000 });
    expect(report.counters.drops).toEqual({ 'rate-limited': 1, 'mapping-other-source': 3 });
    expect(statusPage(report, 0)).toContain('  Port mapping  203.0.113.7:45000 at the router, by NAT-PMP\n');
    await control.stop();
  });

  it('[UPNP-15] gives it 1 s for the removal at the end', async () => {
    const control = await startedClient();
    await control.stop();
    expect(machine.mapping.closedWithin).toEqual([1_000]);
  });

  it('[UPNP-18] follows another router, and none where the server is on the link', async () => {
    const control = await startedClient();
    machine.nextHop = 'via 198.51.100.2 dev eth0';
    machine.announcements.tell();
    await vi.advanceTimersByTimeAsync(10_000);
    expect(machine.mapping.routes.at(-1)).toEqual({ gateway: gateway + 1, local: { address, port: 45_000 } });
    machine.nextHop = 'dev eth0';
    machine.announcements.tell();
    await vi.advanceTimersByTimeAsync(10_000);
    expect(machine.mapping.routes.at(-1)).toBeUndefined();
    await control.stop();
  });

  it('asks the router on the way to a server that a reload names', async () => {
    const values = { 'port-mapping': 'auto' };
    const control = await startedClient(values);
    machine.nextHop = 'via 198.51.100.2 dev eth0';
    control.reconfigured(configured({ ...values, server: '8.8.4.4' }));
    await vi.advanceTimersByTimeAsync(100);
    expect(machine.mapping.routes.at(-1)).toEqual({ gateway: gateway + 1, local: { address, port: 45_000 } });
    await control.stop();
  });

  it('follows another port of its engine', async () => {
    const control = await startedClient();
    machine.dataPlanes[0]!.observer.event({ kind: 'port-changed', local: { address, port: 47_000 } });
    await vi.advanceTimersByTimeAsync(100);
    expect(machine.mapping.routes.at(-1)).toEqual({ gateway, local: { address, port: 47_000 } });
    await control.stop();
  });

  it('takes another port when its own was taken while the router answered', async () => {
    const control = await clientWith();
    machine.refusePort = 45_000;
    const started = control.start();
    await vi.advanceTimersByTimeAsync(4_000);
    await started;
    expect(port()).toBe(0);
    await vi.advanceTimersByTimeAsync(100);
    expect(machine.mapping.routes.at(-1)).toEqual({ gateway, local: { address, port: machine.boundPort } });
    await control.stop();
  });

  it('looks at the mapping when this host has slept', async () => {
    const control = await startedClient();
    control.resumed(60_000);
    await vi.advanceTimersByTimeAsync(10);
    expect(machine.mapping.looks).toBe(1);
    await control.stop();
  });

  it('says once when it cannot remember', async () => {
    machine.stateError = 'EROFS';
    const control = await startedClient();
    machine.mapping.remember(machine.mapping.routes[0]!);
    machine.dataPlanes[0]!.observer.event(assigned);
    expect(machine.log.filter((sentence) => sentence.startsWith('Cannot write /srv/state'))).toHaveLength(1);
    await control.stop();
  });

  it('asks no router while this host has no route', async () => {
    machine.routeTo = () => undefined;
    const control = await startedClient();
    expect([machine.mapping.routes, port()]).toEqual([[undefined], 45_000]);
    await control.stop();
  });
});

describe('[UPNP-18] the sentences about a port mapping', () => {
  const mapping = {
    protocol: 'upnp',
    gateway: parseIpv4('192.168.1.1')!,
    local: { address, port: 45_000 },
    external: mapped,
    isNested: false,
  } as const;
  const all: readonly MappingProtocol[] = ['pcp', 'nat-pmp', 'upnp'];
  const router = mapping.gateway;

  it.each<[PortMappingEvent, readonly MappingProtocol[], string, string]>([
    [{ kind: 'mapped', mapping }, all, 'info', 'The router at 192.168.1.1 maps 203.0.113.7:45000 to this host (UPnP).'],
    [
      { kind: 'mapped', mapping: { ...mapping, isNested: true, external: { address: 0x0a000001, port: 45_000 } } },
      all,
      'warn',
      'The router at 192.168.1.1 maps 10.0.0.1:45000 to this host (UPnP), but 10.0.0.1 is not a global address: another NAT stands before it, and decides who reaches this host. Make the mapping at that NAT, or set the router to bridge mode.',
    ],
    [
      { kind: 'restored', mapping },
      all,
      'info',
      'The router at 192.168.1.1 had forgotten the port mapping: asked again, and got 203.0.113.7:45000 as before.',
    ],
    [
      { kind: 'lost', mapping },
      all,
      'info',
      'The port mapping of 203.0.113.7:45000 at the router 192.168.1.1 has ended.',
    ],
    [
      { kind: 'foreign', gateway: router, port: 45_000 },
      all,
      'info',
      'The router at 192.168.1.1 maps UDP port 45000, which this host had before, to another host: leaving that mapping alone.',
    ],
    [
      { kind: 'unavailable', gateway: router, refusals: [] },
      all,
      'warn',
      'The router at 192.168.1.1 does not answer PCP, NAT-PMP or UPnP: continuing without a port mapping. Switch one of them on at the router, or set port-mapping to "off".',
    ],
    [
      { kind: 'unavailable', gateway: router, refusals: [] },
      ['pcp'],
      'warn',
      'The router at 192.168.1.1 does not answer PCP: continuing without a port mapping. Switch it on at the router, or set port-mapping to "off".',
    ],
    [
      {
        kind: 'unavailable',
        gateway: router,
        refusals: [
          { protocol: 'nat-pmp', reason: 'it does not allow mappings' },
          { protocol: 'upnp', reason: 'another mapping has that port' },
        ],
      },
      all,
      'warn',
      'The router at 192.168.1.1 makes no port mapping (NAT-PMP: it does not allow mappings; UPnP: another mapping has that port): continuing without one. Allow it for this host at the router, or set port-mapping to "off".',
    ],
  ])('of %o', (event, protocols, level, sentence) => {
    expect(describeMapping(event, protocols)).toMatchObject({ level, sentence });
  });
});

describe('the way to the router', () => {
  it.each([
    ['via 192.168.1.1 dev eth0', '192.168.1.1'],
    ['dev eth0', undefined],
    ['', undefined],
    ['via inet6 fe80::1 dev eth0', undefined],
  ])('"%s" leads over %s', (text, expected) => {
    expect(gatewayOf(text)).toBe(expected === undefined ? undefined : parseIpv4(expected));
  });

  it('begins at a port that is free: the preferred one, or one that the kernel chooses', async () => {
    const loopback = parseIpv4('127.0.0.1')!;
    const first = await freeUdpPort(loopback, 0);
    expect(first).toBeGreaterThan(0);
    expect(await freeUdpPort(loopback, first)).toBe(first);
    expect(await freeUdpPort(parseIpv4('192.0.2.1')!, first)).toBe(0);
  });
});

describe('the worker of a client', () => {
  it('[HP-02] passes the mapping, and its end, to the engine', () => {
    const passed: unknown[] = [];
    const engine = { resumed: () => undefined, portMapped: (...args: unknown[]) => void passed.push(args) };
    clientBinding.update!(engine as never, { kind: 'port-mapped', mapping: mapped }, 5);
    clientBinding.update!(engine as never, { kind: 'port-mapped', mapping: undefined }, 6);
    expect(passed).toEqual([
      [mapped, 5],
      [undefined, 6],
    ]);
  });
});
