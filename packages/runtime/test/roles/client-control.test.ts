import { parseIpv4, parseIpv6 } from '@navalis/address';
import { type ClientConfiguration, loadConfiguration } from '@navalis/config';
import { Counters, NavalisError } from '@navalis/engine';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { signOfManagement } from '../../src/host/managed-host.ts';
import { ClientControl } from '../../src/roles/client/client-control.ts';
import type { ControlContext } from '../../src/roles/shared/role-control.ts';
import { FakeMachine, hostWith } from '../fakes.ts';

/** How long native IPv6 must be gone before a client returns. */
const firstReturnMs = 10_000;

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

async function clientOn(
  machine: FakeMachine,
  values: Record<string, unknown> = {},
  parts: Partial<ControlContext> = {},
) {
  const all = { server: '8.8.8.8', 'bind-address': '198.51.100.7', ...values };
  const raw = new Map(Object.entries(all).map(([key, value]) => [key, { value, source: 'flag' as const }]));
  const configuration = loadConfiguration('client', { config: '/dev/null', values: raw }) as ClientConfiguration;
  const control = new ClientControl(configuration, { ...(await machine.context()), ...parts });
  await control.start();
  return control;
}

async function pass(ms: number): Promise<void> {
  await vi.advanceTimersByTimeAsync(ms);
}

function machineWith(...ipv6: readonly string[]): FakeMachine {
  const machine = new FakeMachine();
  machine.host = hostWith(...ipv6);
  return machine;
}

const assigned = {
  kind: 'address-assigned',
  address: parseIpv6('2001:0:808:808:1234:efff:34ff:8ef8')!,
  mapped: { address: parseIpv4('203.0.113.7')!, port: 4096 },
  server: parseIpv4('8.8.8.8')!,
  nat: 'none',
  mtu: 1280,
} as const;

describe('[CL-U-14] a client whose interface was removed', () => {
  it('starts again at once, later each time if this recurs, and is then degraded', async () => {
    const machine = machineWith();
    const control = await clientOn(machine);
    for (let second = 0; second < 300; second++) {
      const dataPlane = machine.dataPlanes.at(-1)!;
      // Its watch and its worker both report it.
      const gone = new NavalisError('interface-gone', 'Removed.');
      for (let times = 0; times < 2; times++) if (!dataPlane.isStopped) dataPlane.observer.failed(gone);
      // A change of the host meanwhile does not shorten the delay.
      control.hostChanged(machine.host);
      await pass(1_000);
    }
    // Three at once, then after 2, 4, 8, 16, 32 and 60 s.
    expect(machine.dataPlanes.length).toBeGreaterThan(6);
    expect(machine.dataPlanes.length).toBeLessThan(15);
    expect(machine.degradations.active).toMatchObject([{ reason: 'interface', evidence: 'removed' }]);
    expect(machine.log.filter((sentence) => sentence.includes('keeps changing interface teredo'))).toHaveLength(1);
    expect(machine.log.filter((sentence) => sentence.includes('was removed by another program'))).toHaveLength(
      machine.dataPlanes.at(-1)!.isStopped ? machine.dataPlanes.length : machine.dataPlanes.length - 1,
    );

    await pass(60_000);
    machine.dataPlanes.at(-1)!.observer.event(assigned);
    for (let second = 0; second < 20; second++) await pass(1_000);
    expect(machine.degradations.active).toEqual([]);
    expect(machine.failures).toEqual([]);
    await control.stop();
    expect(vi.getTimerCount()).toBe(0);
  });

  it('starts again when that was while it was set up', async () => {
    const machine = machineWith();
    const runIp = async () => {
      throw new NavalisError('command-failed', 'Cannot find device "teredo".');
    };
    const control = await clientOn(machine, {}, { runIp });
    machine.dataPlanes[0]!.observer.event(assigned);
    await pass(100);
    expect(machine.dataPlanes.map(({ isStopped }) => isStopped)).toEqual([true, false]);
    expect(machine.failures).toEqual([]);
    expect(machine.log.join('\n')).toContain('Interface teredo was removed by another program');
    await control.stop();
  });

  it('starts nothing while it has a blocker', async () => {
    const machine = machineWith();
    const control = await clientOn(machine);
    for (let removals = 0; removals < 4; removals++) {
      machine.dataPlanes.at(-1)!.observer.failed(new NavalisError('interface-gone', 'Removed.'));
      await pass(10);
    }
    const begun = machine.dataPlanes.length;
    expect(machine.degradations.active).toMatchObject([{ reason: 'interface' }]);
    machine.host = hostWith('2a00:1::1');
    control.hostChanged(machine.host);
    await pass(60_000);
    expect(machine.dataPlanes).toHaveLength(begun);
    expect(machine.degradations.active).toEqual([]);
    expect(await control.status()).toMatchObject({ state: 'disabled' });
    await control.stop();
  });

  it('[CL-U-10] begins again also when it went idle meanwhile, and its next interface is removed, too', async () => {
    const machine = machineWith();
    const control = await clientOn(machine, { 'bind-address': '0.0.0.0', 'idle-timeout': '60' });
    const { dataPlanes } = machine;
    const passInSteps = async (ms: number) => {
      for (let passed = 0; passed < ms; passed += 500) await pass(500);
    };
    dataPlanes[0]!.observer.event(assigned);
    const counters = new Counters();
    counters.packetsTaken = 1;
    dataPlanes[0]!.current = { ...dataPlanes[0]!.current, state: 'qualified', counters: counters.snapshot() };
    await passInSteps(62_000);
    // A run that ends slowly when it goes idle, behind which the removal has to wait.
    const run = dataPlanes[0]!;
    const stop = run.stop.bind(run);
    run.stop = async () => {
      await new Promise((resolve) => setTimeout(resolve, 10_000));
      await stop();
    };
    await passInSteps(11_000);
    dataPlanes[0]!.observer.failed(new NavalisError('interface-gone', 'Removed.'));
    await passInSteps(5_000);
    const begun = dataPlanes.length;
    dataPlanes.at(-1)!.observer.failed(new NavalisError('interface-gone', 'Removed.'));
    await passInSteps(5_000);
    expect(dataPlanes).toHaveLength(begun + 1);
    expect(dataPlanes.map(({ isStopped }) => isStopped)).toEqual([...new Array(begun).fill(true), false]);
    await control.stop();
  });

  it('forgets that its server was silent when the run ends', async () => {
    const machine = machineWith();
    const control = await clientOn(machine);
    const { observer } = machine.dataPlanes[0]!;
    observer.event(assigned);
    observer.event({ kind: 'server-unheard', server: assigned.server, address: assigned.address });
    expect(machine.degradations.active).toMatchObject([{ reason: 'server-silent' }]);
    await control.stop();
    expect(machine.degradations.active).toEqual([]);
  });
});

describe('a client with a blocker', () => {
  it('[CL-U-01][CL-U-05] stops using Teredo when native IPv6 appears, and comes back when it is gone', async () => {
    const machine = machineWith();
    const control = await clientOn(machine);
    expect(machine.dataPlanes).toHaveLength(1);
    machine.dataPlanes[0]!.observer.event(assigned);

    control.hostChanged(hostWith('2a00:1::1'));
    expect(await control.status()).toMatchObject({
      state: 'disabled',
      disabledReason: 'native-ipv6',
      evidence: '2a00:1::1, default route through eth0',
    });
    // With the data plane go its socket and the interface that carried the address.
    expect(machine.dataPlanes[0]!.isStopped).toBe(true);
    expect(machine.log.at(-1)).toBe(
      'Not using Teredo: this host has the IPv6 address 2a00:1::1, default route through eth0 (key native-ipv6).',
    );

    control.hostChanged(hostWith());
    await control.status();
    await pass(firstReturnMs - 1);
    expect(machine.dataPlanes).toHaveLength(1);
    await pass(1);
    expect(machine.dataPlanes).toHaveLength(2);
    expect((await control.status()).state).toBe('running');
    expect(machine.log.at(-1)).toBe('Using Teredo: native IPv6 is gone.');
  });

  it('[CL-U-15] goes on beside an address without a default route, and steps back when one comes', async () => {
    const machine = machineWith();
    const control = await clientOn(machine);
    control.hostChanged({ ...hostWith('2a00:1::1'), ipv6Exits: [] });
    expect((await control.status()).state).not.toBe('disabled');
    // Its own default route is none.
    control.hostChanged({ ...hostWith('2a00:1::1'), ipv6Exits: ['teredo'] });
    expect((await control.status()).state).not.toBe('disabled');
    control.hostChanged(hostWith('fd00::1'));
    expect(await control.status()).toMatchObject({
      disabledReason: 'native-ipv6',
      evidence: 'fd00::1, default route through eth0',
    });
    await control.stop();
  });

  it.each([['2001:db8::1'], ['2001:0:808:808::1'], ['fe80::1']])('[CL-U-01] goes on beside %s', async (other) => {
    const machine = machineWith(other);
    await clientOn(machine);
    expect(machine.dataPlanes).toHaveLength(1);
  });

  it('[CL-U-01] can be told to go on beside native IPv6', async () => {
    const machine = machineWith('2a00:1::1');
    await clientOn(machine, { 'native-ipv6': 'ignore' });
    expect(machine.dataPlanes).toHaveLength(1);
  });

  it('[CL-U-08] opens nothing while it is switched off, and reports the reason', async () => {
    const machine = machineWith();
    const control = await clientOn(machine, { enabled: 'false' });
    control.hostChanged(hostWith('2a00:1::1'));
    await pass(600_000);
    expect(machine.dataPlanes).toEqual([]);
    expect(machine.commands).toEqual([]);
    expect(await control.status()).toMatchObject({ state: 'disabled', disabledReason: 'switched-off' });
    expect(machine.log).toEqual(['Not using Teredo: the key enabled is false.']);
  });

  it('[R5-12][CL-U-09] stays off on a managed host by default, and can be told not to', async () => {
    const machine = machineWith();
    machine.sign = '/etc/krb5.keytab';
    const control = await clientOn(machine);
    expect(machine.dataPlanes).toEqual([]);
    expect(await control.status()).toMatchObject({ disabledReason: 'managed-network', evidence: '/etc/krb5.keytab' });
    expect(machine.log.at(-1)).toContain('member of a managed domain: /etc/krb5.keytab exists');
    await clientOn(machine, { 'managed-network': 'ignore' });
    expect(machine.dataPlanes).toHaveLength(1);
  });

  it('[R5-12] knows a managed host by its files alone', () => {
    expect(signOfManagement(() => false)).toBeUndefined();
    expect(signOfManagement((path) => path === '/etc/sssd/sssd.conf')).toBe('/etc/sssd/sssd.conf');
  });

  it('[CL-U-02] checks for better connectivity only if the local IPv4 address is global', async () => {
    const machine = machineWith();
    const asked: number[] = [];
    machine.preferOther = (local) => asked.push(local) > 0;
    await clientOn(machine);
    expect(machine.dataPlanes).toHaveLength(1);
    expect(asked).toEqual([]);
    const control = await clientOn(machine, { 'extra-global-ipv4': '198.51.100.0/24' });
    expect(asked).toEqual([parseIpv4('198.51.100.7')]);
    expect(machine.dataPlanes).toHaveLength(1);
    expect(await control.status()).toMatchObject({ disabledReason: 'other-preferred', evidence: '198.51.100.7' });
  });

  it('names the reason that holds now', async () => {
    const machine = machineWith('2a00:1::1');
    const control = await clientOn(machine);
    machine.sign = '/etc/krb5.keytab';
    control.hostChanged(hostWith('2a00:1::1'));
    expect(await control.status()).toMatchObject({ disabledReason: 'managed-network' });
    expect(machine.log).toHaveLength(2);
  });

  it('comes back later when the names of its servers do not resolve yet', async () => {
    const machine = machineWith('2a00:1::1');
    const context = await machine.context();
    let isResolvable = false;
    const startDataPlane: typeof context.startDataPlane = (settings, observer) => {
      if (isResolvable) return context.startDataPlane(settings, observer);
      throw new NavalisError('name-not-resolved', 'Server name a.example does not resolve.');
    };
    vi.spyOn(machine, 'context').mockResolvedValue({ ...context, startDataPlane });
    const control = await clientOn(machine);
    control.hostChanged(hostWith());
    await pass(firstReturnMs);
    expect(machine.dataPlanes).toEqual([]);
    isResolvable = true;
    await pass(10_000);
    expect(machine.dataPlanes).toHaveLength(1);
    expect(machine.failures).toEqual([]);
  });

  it('[RT-04][RT-05] tells its engine the servers without a route, and the source of datagrams', async () => {
    const machine = machineWith();
    const [one, two] = [parseIpv4('8.8.8.8')!, parseIpv4('9.9.9.8')!];
    machine.routeTo = () => undefined;
    const control = await clientOn(machine, { server: ['8.8.8.8', '9.9.9.8'], 'bind-address': '0.0.0.0' });
    const dataPlane = machine.dataPlanes[0]!;
    expect(dataPlane.settings.engine).toMatchObject({ localAddress: 0, unreachable: [one, two] });
    dataPlane.current = { ...dataPlane.current, state: 'off-line', offlineReason: 'no-route', server: one };
    expect(await control.status()).toMatchObject({ state: 'off-line', offlineReason: 'no-route', waitingFor: 'route' });
    expect(await control.status()).not.toHaveProperty('local');

    const announced = async (routeTo: typeof machine.routeTo) => {
      machine.routeTo = routeTo;
      machine.announcements.tell();
      await vi.advanceTimersByTimeAsync(5_000);
      return dataPlane.updates.at(-1);
    };
    const local = (text: string) => ({ address: parseIpv4(text)!, port: 40_000 });
    expect(await announced((server) => (server === one ? undefined : parseIpv4('198.51.100.7')))).toEqual({
      kind: 'network-changed',
      local: local('198.51.100.7'),
      unreachable: [one],
    });
    expect(await announced(() => parseIpv4('10.0.0.2'))).toEqual({
      kind: 'network-changed',
      local: local('10.0.0.2'),
      unreachable: [],
    });
    expect((await control.status()).local).toEqual({ address: '10.0.0.2', port: 40_000 });
    const updates = dataPlane.updates.length;
    await announced(() => parseIpv4('10.0.0.2'));
    expect(dataPlane.updates).toHaveLength(updates);
    await control.stop();
  });

  it('[SEC-01] warns once when it has an address and detects no firewall', async () => {
    for (const [firewall, warnings] of [
      ['open', 1],
      ['guards', 0],
      ['unknown', 0],
    ] as const) {
      const machine = machineWith();
      machine.firewall = firewall;
      const control = await clientOn(machine);
      for (let time = 0; time < 2; time++) machine.dataPlanes[0]!.observer.event(assigned);
      await control.status();
      await pass(0);
      expect(machine.log.filter((line) => line.includes('services are reachable from the Internet'))).toHaveLength(
        warnings,
      );
    }
  });

  it('answers and ends at once during a slow check of the routes', async () => {
    const machine = machineWith();
    const control = await clientOn(machine, { 'bind-address': '0.0.0.0' });
    Object.defineProperty(machine, 'nextHop', { get: () => new Promise(() => undefined) });
    control.hostChanged({ ...machine.host, ipv4Gateways: ['eth0 02C86433'] });
    await pass(0);
    let isAnswered = false;
    const status = control.status().then(() => {
      isAnswered = true;
    });
    await pass(1);
    expect(isAnswered).toBe(true);
    await status;
    await control.stop();
    expect(machine.dataPlanes[0]!.isStopped).toBe(true);
  });

  it('[CL-U-11] does nothing more once it was stopped', async () => {
    const machine = machineWith('2a00:1::1');
    const control = await clientOn(machine);
    control.hostChanged(hostWith());
    await control.stop();
    await pass(60_000);
    expect(machine.dataPlanes).toEqual([]);
    expect(vi.getTimerCount()).toBe(0);
    await expect(control.status()).rejects.toMatchObject({ code: 'not-running' });
  });
});
