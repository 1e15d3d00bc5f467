import { parseIpv4, parseIpv6 } from '@navalis/address';
import {
  type ClientConfiguration,
  type HostRelayConfiguration,
  loadConfiguration,
  type RelayConfiguration,
  type Role,
  type ServerConfiguration,
} from '@navalis/config';
import { NavalisError } from '@navalis/engine';
import { describe, expect, it, onTestFinished, vi } from 'vitest';
import { createControl } from '../../src/program/create-control.ts';
import { ClientControl } from '../../src/roles/client/client-control.ts';
import { HostRelayControl } from '../../src/roles/host-relay/host-relay-control.ts';
import { RelayControl } from '../../src/roles/relay/relay-control.ts';
import { ServerControl } from '../../src/roles/server/server-control.ts';
import type { RoleControl } from '../../src/roles/shared/role-control.ts';
import { FakeMachine, hostWith } from '../fakes.ts';

function configured(role: Role, values: Record<string, unknown> = {}) {
  const raw = new Map(Object.entries(values).map(([key, value]) => [key, { value, source: 'flag' as const }]));
  return loadConfiguration(role, { config: '/dev/null', values: raw });
}

const address = parseIpv6('2001:0:808:808:1234:efff:34ff:8ef8')!;
const server = parseIpv4('127.0.0.1')!;
const mapped = { address: parseIpv4('203.0.113.7')!, port: 4096 };

async function startedClient() {
  const machine = new FakeMachine();
  machine.host = hostWith();
  const values = { server: '8.8.8.8', 'bind-address': '198.51.100.7' };
  const control = new ClientControl(configured('client', values) as ClientConfiguration, await machine.context());
  await control.start();
  return { machine, control, dataPlane: machine.dataPlanes[0]! };
}

describe('a client', () => {
  it('[CL-C-03][CL-C-04] asks the kernel for any port, or for the configured one', async () => {
    const { dataPlane } = await startedClient();
    expect(dataPlane.settings.devices.sockets[0]!.endpoint.port).toBe(0);
    const machine = new FakeMachine();
    const values = { server: '8.8.8.8', 'bind-address': '198.51.100.7', 'bind-port': 4096 };
    await new ClientControl(configured('client', values) as ClientConfiguration, await machine.context()).start();
    expect(machine.dataPlanes[0]!.settings.devices.sockets[0]!.endpoint.port).toBe(4096);
  });

  it('[CL-C-08] gives its intervals to the engine', async () => {
    const machine = new FakeMachine();
    const values = { server: '8.8.8.8', 'bind-address': '198.51.100.7', 'refresh-interval': 45 };
    await new ClientControl(configured('client', values) as ClientConfiguration, await machine.context()).start();
    expect(machine.dataPlanes[0]!.settings.engine).toMatchObject({
      refreshIntervalMs: 45_000,
      probeIntervalMs: 600_000,
    });
  });

  it('gives the bound of its peers to the engine', async () => {
    const machine = new FakeMachine();
    const values = { server: '8.8.8.8', 'bind-address': '198.51.100.7', 'max-peers': 16 };
    await new ClientControl(configured('client', values) as ClientConfiguration, await machine.context()).start();
    expect(machine.dataPlanes[0]!.settings.engine).toMatchObject({ peerCapacity: 16 });
  });

  it('has an interface with an address only while the engine has one, and says so afterwards', async () => {
    const { machine, control, dataPlane } = await startedClient();
    expect(machine.commands).toEqual([]);
    dataPlane.observer.event({ kind: 'address-assigned', address, mapped, server, nat: 'none', mtu: 1280 });
    expect(machine.log).toEqual([]);
    await control.status();
    expect(machine.commands).toContain('address add 2001:0:808:808:1234:efff:34ff:8ef8/32 dev teredo nodad');
    await Promise.resolve();
    expect(machine.log[0]).toContain('2001:0:808:808:1234:efff:34ff:8ef8');
    dataPlane.observer.event({ kind: 'address-lost', address });
    await control.status();
    expect(machine.commands.at(-1)).toBe('link set dev teredo down');
  });

  it('reports its local endpoint and the status of the engine', async () => {
    const { control, dataPlane } = await startedClient();
    dataPlane.current = { ...dataPlane.current, state: 'qualified', address, mapped, server, nat: 'restricted' };
    expect(await control.status()).toMatchObject({
      role: 'client',
      version: '1.2.3',
      state: 'qualified',
      address: '2001:0:808:808:1234:efff:34ff:8ef8',
      server: '127.0.0.1',
      mapped: { address: '203.0.113.7', port: 4096 },
      local: { address: '198.51.100.7', port: 40_000 },
      nat: 'restricted',
      interface: 'teredo',
    });
  });

  it('[AD-11] gives the directed broadcast addresses to the data plane, again when they change', async () => {
    const { control, dataPlane } = await startedClient();
    expect(dataPlane.settings.directedBroadcasts).toEqual([parseIpv4('198.51.100.255')]);
    control.hostChanged(hostWith('fe80::1'));
    await control.status();
    expect(dataPlane.updates).toEqual([]);
    expect(dataPlane.broadcasts).toBeUndefined();
    const moved = { address: parseIpv4('10.7.0.9')!, prefixLength: 16, interfaceName: 'eth0' };
    control.hostChanged({ ...hostWith(), ipv4: [moved] });
    await control.status();
    expect(dataPlane.broadcasts).toEqual([parseIpv4('10.7.255.255')]);
    control.hostChanged({ ipv4: [], ipv6: [], ipv4Gateways: [], ipv6Exits: [] });
    await control.status();
    expect(dataPlane.broadcasts).toEqual([]);
    const local = { address: parseIpv4('198.51.100.7'), port: 40_000 };
    const changed = { kind: 'network-changed', local, unreachable: [] };
    expect(dataPlane.updates).toEqual([changed, changed]);
  });

  it.each([
    ['the announcement first', true],
    ['the host first', false],
  ])(
    '[RT-05] reports another network to its engine once, also if several watches notice it: %s',
    async (_, isAnnouncedFirst) => {
      vi.useFakeTimers();
      onTestFinished(() => void vi.useRealTimers());
      const { machine, control, dataPlane } = await startedClient();
      const pass = async (ms: number) => {
        await vi.advanceTimersByTimeAsync(ms);
      };
      await pass(5_000);
      expect(dataPlane.updates).toEqual([]);
      const changes = () =>
        dataPlane.updates.filter((update) => (update as { kind: string }).kind === 'network-changed');
      for (const round of [1, 2]) {
        machine.host = { ...hostWith(), ipv4Gateways: [`eth${round} 01C86433`] };
        machine.nextHop = `via 198.51.100.1 dev eth${round}`;
        machine.routeTo = () => parseIpv4(`198.51.100.${10 + round}`)!;
        if (isAnnouncedFirst) machine.announcements.tell();
        control.hostChanged(machine.host);
        // Routes come one after the other.
        machine.announcements.tell();
        await pass(600);
        machine.announcements.tell();
        await pass(10_000);
        expect(changes()).toHaveLength(round);
        expect(changes().at(-1)).toMatchObject({ local: { address: parseIpv4(`198.51.100.${10 + round}`) } });
      }
      await control.stop();
    },
  );

  it('ends the program when its interface cannot be set up', async () => {
    const machine = new FakeMachine();
    machine.interfaces.run([['link', 'set', 'dev', 'teredo', 'mtu', '1280']]);
    const context = await machine.context();
    const runIp = async () => {
      throw new NavalisError('command-failed', 'No.');
    };
    const values = { server: '8.8.8.8', 'bind-address': '198.51.100.7' };
    const control = new ClientControl(configured('client', values) as ClientConfiguration, { ...context, runIp });
    await control.start();
    const event = { kind: 'address-assigned', address, mapped, server, nat: 'none', mtu: 1280 } as const;
    machine.dataPlanes[0]!.observer.event(event);
    await control.status();
    await Promise.resolve();
    expect(machine.failures.map((error) => error.message)).toEqual(['No.']);
  });
});

describe('a server', () => {
  it('[SV-C-02][SV-C-03] opens port 3544 of both addresses and no tunnel interface', async () => {
    const machine = new FakeMachine();
    machine.host = hostWith('2a00:1::1');
    const configuration = configured('server', { 'primary-address': '8.8.8.8' }) as ServerConfiguration;
    await new ServerControl(configuration, await machine.context()).start();
    expect(machine.dataPlanes[0]!.settings.devices).toEqual({
      sockets: [
        { endpoint: { address: parseIpv4('8.8.8.8'), port: 3544 } },
        { endpoint: { address: parseIpv4('8.8.8.9'), port: 3544 } },
      ],
      interfaceName: undefined,
      offload: true,
    });
    expect(machine.log).toEqual(['Listening on UDP port 3544 of 8.8.8.8 and 8.8.8.9.']);
  });

  it('warns without limits and without a second address', async () => {
    const machine = new FakeMachine();
    const values = { 'primary-address': '8.8.8.8', 'secondary-address': 'none', 'rate-limit': 'off' };
    await new ServerControl(configured('server', values) as ServerConfiguration, await machine.context()).start();
    const log = machine.log.join('\n');
    for (const part of ['Limits per source are off', 'Without a secondary address']) expect(log).toContain(part);
  });
});

describe('a relay', () => {
  it('[RL-A-11] is refused without a global IPv6 address of its own', async () => {
    const machine = new FakeMachine();
    machine.host = hostWith('fe80::1', '2001:0:808:808::1');
    const control = new RelayControl(configured('relay') as RelayConfiguration, await machine.context());
    await expect(control.start()).rejects.toMatchObject({ code: 'no-global-ipv6' });
    expect(machine.dataPlanes).toEqual([]);
  });

  it('[RL-A-01a] takes its own address from the host and the service prefix into its interface', async () => {
    const machine = new FakeMachine();
    machine.host = hostWith('2a00:1::1');
    const control = new RelayControl(configured('relay') as RelayConfiguration, await machine.context());
    await control.start();
    expect(machine.dataPlanes[0]!.settings.engine).toMatchObject({
      localAddress: parseIpv6('2a00:1::1'),
      ownIpv4Addresses: [parseIpv4('198.51.100.7')],
    });
    expect(machine.commands.at(-1)).toBe('route add 2001::/32 dev teredo metric 1024 mtu 1280');
    expect(await control.status()).toMatchObject({ address: '2a00:1::1', local: { address: '0.0.0.0', port: 3544 } });
  });

  it('[RL-A-03][RL-A-04] has one socket, on the Teredo port or the configured one', async () => {
    for (const [values, port] of [
      [{}, 3544],
      [{ 'bind-port': 4000 }, 4000],
    ] as const) {
      const machine = new FakeMachine();
      machine.host = hostWith('2a00:1::1');
      const control = new RelayControl(configured('relay', values) as RelayConfiguration, await machine.context());
      await control.start();
      expect(machine.dataPlanes[0]!.settings.devices.sockets).toEqual([{ endpoint: { address: 0, port } }]);
    }
  });

  it('[RL-A-09][RL-T-06] gives the served ranges and the trust in the cone bit to the engine', async () => {
    const machine = new FakeMachine();
    machine.host = hostWith('2a00:1::1');
    const values = { 'served-prefix': ['2a00:1::/32', '2a00:2::/32'], 'cone-bit': 'trust' };
    await new RelayControl(configured('relay', values) as RelayConfiguration, await machine.context()).start();
    expect(machine.dataPlanes[0]!.settings.engine).toMatchObject({
      servedRanges: [
        { address: parseIpv6('2a00:1::'), length: 32 },
        { address: parseIpv6('2a00:2::'), length: 32 },
      ],
      trustsConeBit: true,
    });
  });

  it('[RL-A-11] takes another address of its host when the one it has goes, and keeps a configured one', async () => {
    for (const [values, addresses] of [
      [{}, ['2a00:1::1', '2a00:1::1', '2a00:1::2', '2a00:1::2']],
      [{ 'ipv6-address': '2a00:9::9' }, ['2a00:9::9', '2a00:9::9', '2a00:9::9', '2a00:9::9']],
    ] as const) {
      const machine = new FakeMachine();
      machine.host = hostWith('2a00:1::1');
      const control = new RelayControl(configured('relay', values) as RelayConfiguration, await machine.context());
      await control.start();
      const seen = [(await control.status()).address];
      for (const host of [hostWith('2a00:1::2', '2a00:1::1'), hostWith('2a00:1::2'), hostWith()]) {
        control.hostChanged(host);
        seen.push((await control.status()).address);
      }
      expect(seen).toEqual(addresses);
      const updates = machine.dataPlanes[0]!.updates.filter((update) => 'localAddress' in (update as object));
      expect(updates).toHaveLength('ipv6-address' in values ? 0 : 1);
    }
  });

  it('[SEC-08] follows the IPv4 addresses of its host', async () => {
    const machine = new FakeMachine();
    machine.host = hostWith('2a00:1::1');
    const control = new RelayControl(configured('relay') as RelayConfiguration, await machine.context());
    await control.start();
    control.hostChanged({ ...hostWith('2a00:1::1'), ipv4: [] });
    expect(machine.dataPlanes[0]!.updates).toEqual([{ ownIpv4Addresses: [], networkChanged: true }]);
  });

  it('[RL-A-14] tells its engine when datagrams leave from another endpoint, and only then', async () => {
    const machine = new FakeMachine();
    machine.host = hostWith('2a00:1::1');
    const control = new RelayControl(configured('relay') as RelayConfiguration, await machine.context());
    await control.start();
    const changed = () => machine.dataPlanes[0]!.updates.map((update) => 'networkChanged' in (update as object));
    control.hostChanged(hostWith('2a00:1::1', '2a00:1::2'));
    control.hostChanged({ ...hostWith('2a00:1::1'), ipv4Gateways: ['eth1 01C86433'] });
    control.hostChanged({ ...hostWith('2a00:1::1'), ipv4Gateways: ['eth1 01C86433'] });
    expect(changed()).toEqual([false, true, false]);
  });

  it('is degraded while its host has no global IPv6 address', async () => {
    const machine = new FakeMachine();
    machine.host = hostWith('2a00:1::1');
    const control = new RelayControl(configured('relay') as RelayConfiguration, await machine.context());
    await control.start();
    control.hostChanged(hostWith());
    control.hostChanged({ ...hostWith(), ipv4: [] });
    expect(machine.degradations.active).toMatchObject([{ reason: 'no-global-ipv6', evidence: '2a00:1::1' }]);
    expect(machine.log.filter((sentence) => sentence.includes('no longer has a global IPv6 address'))).toHaveLength(1);
    control.hostChanged(hostWith('2a00:1::2'));
    expect(machine.degradations.active).toEqual([]);
  });

  it('prefers the configured address', async () => {
    const machine = new FakeMachine();
    const configuration = configured('relay', { 'ipv6-address': '2a00:9::9' }) as RelayConfiguration;
    await new RelayControl(configuration, await machine.context()).start();
    expect(machine.dataPlanes[0]!.settings.engine).toMatchObject({ localAddress: parseIpv6('2a00:9::9') });
  });
});

describe('a host-specific relay', () => {
  async function control(machine: FakeMachine) {
    return createControl(configured('host-relay'), await machine.context());
  }

  async function settled(relay: RoleControl) {
    for (let turn = 0; turn < 5; turn++) await vi.advanceTimersByTimeAsync(0);
    return relay.status();
  }

  it('[HR-05a] waits for a global address, starts with it and stops with the last one', async () => {
    vi.useFakeTimers();
    onTestFinished(() => void vi.useRealTimers());
    const machine = new FakeMachine();
    const relay = await control(machine);
    await relay.start();
    expect(machine.dataPlanes).toEqual([]);
    const waiting =
      'A host-specific relay needs a global IPv6 address, but this host has none: add one, or set mode to auto to run a client instead. Waiting until that changes.';
    expect(machine.log).toEqual([waiting]);
    expect(await relay.status()).toMatchObject({ state: 'waiting', waitingFor: 'ipv6-address', role: 'host-relay' });

    const become = async (...addresses: readonly string[]) => {
      machine.host = hostWith(...addresses);
      void relay.hostChanged(machine.host);
      return settled(relay);
    };
    expect(await become('2a00:1::1')).toMatchObject({ state: 'running', address: '2a00:1::1' });
    expect(machine.commands.at(-1)).toMatch(
      /^route add 2001:0:8000::\/33 from [0-9a-f:]+ dev teredo metric 1024 mtu 1280$/,
    );

    expect(await become('fe80::1')).toMatchObject({ state: 'waiting', waitingFor: 'ipv6-address' });
    expect(machine.dataPlanes[0]!.isStopped).toBe(true);
    expect(machine.log.at(-1)).toBe(waiting);

    expect(await become('2a00:1::2')).toMatchObject({ state: 'running', address: '2a00:1::2' });
    expect(machine.dataPlanes).toHaveLength(2);
    await relay.stop();
    expect(vi.getTimerCount()).toBe(0);
  });

  it.each([
    [{}, 3544],
    [{ 'bind-port': 0 }, 40_000],
    [{ 'bind-port': 4096 }, 4096],
  ])('[HR-04] listens on the Teredo port unless another is set: %o', async (values, port) => {
    const machine = new FakeMachine();
    machine.host = hostWith('2a00:1::1');
    const configuration = configured('host-relay', values) as HostRelayConfiguration;
    const relay = new HostRelayControl(configuration, await machine.context());
    await relay.start();
    expect((await relay.status()).local).toEqual({ address: '0.0.0.0', port });
  });

  it('[HR-01] serves the addresses of this host only, and follows them', async () => {
    const machine = new FakeMachine();
    machine.host = hostWith('2a00:1::1');
    const relay = await control(machine);
    await relay.start();
    const range = (text: string) => ({ address: parseIpv6(text), length: 128 });
    expect(machine.dataPlanes[0]!.settings.engine).toMatchObject({ servedRanges: [range('2a00:1::1')] });
    relay.hostChanged(hostWith('2a00:1::1', '2a00:1::2'));
    await relay.status();
    expect(machine.dataPlanes[0]!.updates).toEqual([
      {
        servedRanges: [range('2a00:1::1'), range('2a00:1::2')],
        localAddress: parseIpv6('2a00:1::1'),
        ownIpv4Addresses: [parseIpv4('198.51.100.7')],
      },
    ]);
  });

  it('[HR-20] uses any free port when the Teredo port is taken, logs it, and insists on a configured one', async () => {
    const machine = new FakeMachine();
    machine.host = hostWith('2a00:1::1');
    const context = await machine.context();
    const startDataPlane: typeof context.startDataPlane = async (settings, observer) => {
      if (settings.devices.sockets[0]!.endpoint.port !== 0) throw new NavalisError('address-in-use', 'Taken.');
      return context.startDataPlane(settings, observer);
    };
    const start = async (values: Record<string, unknown>) => {
      const configuration = configured('host-relay', values) as HostRelayConfiguration;
      const relay = new HostRelayControl(configuration, { ...context, startDataPlane });
      await relay.start();
      return relay.status();
    };
    expect((await start({})).local?.port).toBe(40_000);
    expect(machine.log.join()).toContain('UDP port 3544 is in use by another program: using any free port instead.');
    await expect(start({ 'bind-port': 4096 })).rejects.toThrow('Taken.');
  });

  it('ends the program when it cannot start later', async () => {
    vi.useFakeTimers();
    onTestFinished(() => void vi.useRealTimers());
    const machine = new FakeMachine();
    const context = await machine.context();
    const startDataPlane = async () => {
      throw new NavalisError('address-in-use', 'Taken.');
    };
    const relay = createControl(configured('host-relay', { 'bind-port': 4096 }), { ...context, startDataPlane });
    await relay.start();
    machine.host = hostWith('2a00:1::1');
    void relay.hostChanged(machine.host);
    await settled(relay);
    expect(machine.failures.map((error) => error.message)).toEqual(['Taken.']);
    await relay.stop();
  });
});
