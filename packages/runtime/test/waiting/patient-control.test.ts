import { type Configuration, loadConfiguration, type Role } from '@navalis/config';
import { NavalisError } from '@navalis/engine';
import type { HostAddresses } from '@navalis/life';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { createControl } from '../../src/program/create-control.ts';
import type { ControlContext } from '../../src/roles/shared/role-control.ts';
import { FakeDataPlane, FakeMachine, hostWith } from '../fakes.ts';

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

const native = '2a00:1::1';
const own = '198.51.100.7';

function configured(role: Role, values: Record<string, unknown>): Configuration {
  const raw = new Map(Object.entries(values).map(([key, value]) => [key, { value, source: 'flag' as const }]));
  return loadConfiguration(role, { config: '/dev/null', values: raw });
}

async function begin(
  role: Role,
  values: Record<string, unknown>,
  machine: FakeMachine,
  change: (context: ControlContext) => Partial<ControlContext> = () => ({}),
) {
  const context = await machine.context();
  const control = createControl(configured(role, values), { ...context, ...change(context) });
  const started = control.start();
  started.catch(() => undefined);
  await pass(0);
  return { control, started };
}

async function pass(ms: number): Promise<void> {
  await vi.advanceTimersByTimeAsync(ms);
}

function machineWith(host: HostAddresses = hostWith(native), missing: readonly string[] = []): FakeMachine {
  const machine = new FakeMachine();
  machine.host = host;
  for (const address of missing) machine.missingAddresses.add(address);
  return machine;
}

/** A name server that does not answer until it is told to. */
function silentNames(machine: FakeMachine): { answer: () => void } {
  let isUp = false;
  machine.lookUpName = async () => {
    if (isUp) return ['8.8.8.8'];
    throw Object.assign(new Error('no'), { code: 'EAI_AGAIN' });
  };
  return {
    answer: () => {
      isUp = true;
    },
  };
}

interface Case {
  readonly title: string;
  readonly role: Role;
  readonly values: Record<string, unknown>;
  readonly machine: () => FakeMachine;
  readonly arrive: (machine: FakeMachine) => void;
  readonly report: object;
  readonly said: string;
}

function bindCase(role: Role, key: string, values: Record<string, unknown> = {}, native6: string = native): Case {
  return {
    title: `a ${role} whose ${key} comes late`,
    role,
    values: { ...values, ...(key === 'bind-address' && { [key]: own }) },
    machine: () => machineWith(native6 === '' ? hostWith() : hostWith(native6), [own]),
    arrive: (machine) => machine.missingAddresses.clear(),
    report: { role, state: 'waiting', waitingFor: 'bind-address', evidence: own },
    said: `This host does not have the IPv4 address ${own} (key ${key}): give it to an interface that is up, or correct the key. Waiting until that changes.`,
  };
}

/** Returns the configuration of a server as it is when its file of secrets has become another, empty one. */
function withOtherKeys(configuration: Configuration): Configuration {
  return { ...configuration, secretDigests: { 'client-keys': 'another' }, engine: { clientKeys: [] } } as never;
}

const server = { 'extra-global-ipv4': '198.51.100.0/24' };
const cases: readonly Case[] = [
  bindCase('client', 'bind-address', { server: '8.8.8.8' }, ''),
  bindCase('relay', 'bind-address'),
  bindCase('host-relay', 'bind-address'),
  bindCase('server', 'primary-address', { ...server, 'primary-address': own }),
  bindCase('server', 'secondary-address', { ...server, 'primary-address': '8.8.8.8', 'secondary-address': own }),
  {
    title: 'a client whose server name resolves late',
    role: 'client',
    values: { server: 'a.example' },
    machine: () => {
      const machine = machineWith(hostWith());
      silentNames(machine);
      return machine;
    },
    arrive: (machine) => {
      machine.lookUpName = async () => ['8.8.8.8'];
    },
    report: { role: 'client', state: 'waiting', waitingFor: 'server-name', evidence: 'a.example' },
    said: 'Server name a.example does not resolve to an IPv4 address (no name server answers): check the network and /etc/resolv.conf. Waiting until that changes.',
  },
  {
    title: 'a client whose server name leads to a private address at first, as in a captive portal',
    role: 'client',
    values: { server: 'a.example' },
    machine: () => {
      const machine = machineWith(hostWith());
      machine.lookUpName = async () => ['10.0.0.1'];
      return machine;
    },
    arrive: (machine) => {
      machine.lookUpName = async () => ['8.8.8.8'];
    },
    report: { role: 'client', state: 'waiting', waitingFor: 'server-name', evidence: 'a.example' },
    said: 'a.example has the address 10.0.0.1',
  },
  {
    title: '[RL-A-11] a relay whose IPv6 address comes late',
    role: 'relay',
    values: {},
    machine: () => machineWith(hostWith('fe80::1', '2001:0:808:808::1')),
    arrive: (machine) => {
      machine.host = hostWith(native);
    },
    report: { role: 'relay', state: 'waiting', waitingFor: 'ipv6-address' },
    said: 'this host has none',
  },
  {
    title: 'a host-specific relay whose IPv6 address comes late',
    role: 'host-relay',
    values: {},
    machine: () => machineWith(hostWith('fe80::1')),
    arrive: (machine) => {
      machine.host = hostWith(native);
    },
    report: { role: 'host-relay', state: 'waiting', waitingFor: 'ipv6-address' },
    said: 'this host has none: add one',
  },
];

describe.each(cases)('$title', ({ role, values, machine: create, arrive, report, said }) => {
  it('[RT-01][RT-02] waits, says so once, and starts by itself within 3 s', async () => {
    const machine = create();
    const { control, started } = await begin(role, values, machine);
    await started;
    expect(await control.status()).toMatchObject(report);
    await pass(60_000);
    expect(await control.status()).toMatchObject(report);
    expect(machine.log).toEqual([expect.stringContaining(said)]);
    expect(machine.dataPlanes).toEqual([]);
    expect(machine.stateChanges).toBe(1);
    arrive(machine);
    await pass(3_000);
    expect(machine.dataPlanes).toHaveLength(1);
    expect(machine.stateChanges).toBe(2);
    expect((await control.status()).state).toBe('running');
    expect(await control.status()).not.toHaveProperty('waitingFor');
    expect(machine.failures).toEqual([]);
    await control.stop();
    expect(machine.dataPlanes[0]!.isStopped).toBe(true);
    expect(vi.getTimerCount()).toBe(0);
  });

  it('starts at once when the host changes', async () => {
    const machine = create();
    const { control } = await begin(role, values, machine);
    await pass(10_000);
    arrive(machine);
    void control.hostChanged(machine.host);
    await pass(0);
    expect(machine.dataPlanes).toHaveLength(1);
    await control.stop();
  });

  it('starts at once when the host wakes up', async () => {
    const machine = create();
    const { control } = await begin(role, values, machine);
    await pass(10_000);
    arrive(machine);
    control.resumed?.(60_000);
    await pass(0);
    expect(machine.dataPlanes).toHaveLength(1);
    await control.stop();
  });

  it('[RT-02] ends at once while it waits', async () => {
    const machine = create();
    const { control } = await begin(role, values, machine);
    await control.stop();
    arrive(machine);
    await pass(60_000);
    expect(machine.dataPlanes).toEqual([]);
    expect(vi.getTimerCount()).toBe(0);
  });
});

describe('[RT-01] a role that waits', () => {
  it('names all addresses of a server that are missing', async () => {
    const machine = machineWith(hostWith(native), [own, '198.51.100.8']);
    const { control } = await begin('server', { ...server, 'primary-address': own }, machine);
    expect(await control.status()).toMatchObject({ evidence: `${own}, 198.51.100.8` });
    expect(machine.log).toEqual([
      `This host does not have the IPv4 addresses ${own} (key primary-address) and 198.51.100.8 (key secondary-address): give them to an interface that is up, or correct the keys. Waiting until that changes.`,
    ]);
    machine.missingAddresses.delete(own);
    await pass(3_000);
    // It waits for something else now.
    expect(await control.status()).toMatchObject({ evidence: '198.51.100.8' });
    expect(machine.log).toHaveLength(2);
    await control.stop();
  });

  it('ends the program for what no network cures', async () => {
    const inUse = new NavalisError('address-in-use', 'Taken.');
    const { started } = await begin('relay', {}, machineWith(), () => ({
      startDataPlane: () => Promise.reject(inUse),
    }));
    await expect(started).rejects.toBe(inUse);
  });

  it('waits also when the address goes between the look and the bind', async () => {
    const machine = machineWith();
    const gone = new NavalisError('address-not-available', 'Gone.', undefined, own);
    let isGone = true;
    const { control } = await begin('relay', { 'bind-address': own }, machine, (context) => ({
      startDataPlane: (...args) => (isGone ? Promise.reject(gone) : context.startDataPlane(...args)),
    }));
    expect(await control.status()).toMatchObject({ waitingFor: 'bind-address', evidence: own });
    isGone = false;
    await pass(1_000);
    expect(await control.status()).toMatchObject({ state: 'running' });
    await control.stop();
  });

  it('[RT-02] ends at once while a name is looked up, and opens nothing afterwards', async () => {
    const machine = machineWith(hostWith());
    let answer: (addresses: readonly string[]) => void = () => undefined;
    machine.lookUpName = () => new Promise((resolve) => (answer = resolve));
    const { control } = await begin('client', { server: 'a.example' }, machine);
    expect(await control.status()).toMatchObject({ state: 'initial' });
    await control.stop();
    answer(['8.8.8.8']);
    await pass(10_000);
    expect(machine.dataPlanes).toEqual([]);
  });

  it('closes what was being opened when it is ended', async () => {
    const machine = machineWith();
    let open: () => void = () => undefined;
    const { control } = await begin('relay', {}, machine, (context) => ({
      startDataPlane: async (...args) => {
        await new Promise<void>((resolve) => (open = resolve));
        return context.startDataPlane(...args);
      },
    }));
    const stopped = control.stop();
    open();
    await stopped;
    expect(machine.dataPlanes.map(({ isStopped }) => isStopped)).toEqual([true]);
  });

  it('learns what changed while it was being started', async () => {
    const machine = machineWith();
    let open: () => void = () => undefined;
    const { control } = await begin('relay', {}, machine, (context) => ({
      startDataPlane: async (...args) => {
        await new Promise<void>((resolve) => (open = resolve));
        return context.startDataPlane(...args);
      },
    }));
    void control.hostChanged({ ...hostWith(native), ipv4: [] });
    open();
    await pass(0);
    expect(machine.dataPlanes[0]!.updates).toContainEqual(expect.objectContaining({ ownIpv4Addresses: [] }));
    await control.stop();
  });

  it('[RT-01] waits when what it needs is lost while it is being started', async () => {
    const machine = machineWith();
    let open: () => void = () => undefined;
    const { control } = await begin('relay', { 'bind-address': own }, machine, (context) => ({
      startDataPlane: async (settings, observer) => {
        const opened = await context.startDataPlane(settings, observer);
        if (machine.dataPlanes.length === 1) {
          observer.failed(new NavalisError('address-not-available', 'Gone.', undefined, own));
          await new Promise<void>((resolve) => (open = resolve));
        }
        return opened;
      },
    }));
    open();
    await pass(0);
    expect(machine.dataPlanes.map(({ isStopped }) => isStopped)).toEqual([true]);
    expect(await control.status()).toMatchObject({ state: 'waiting', waitingFor: 'bind-address' });
    // A data plane that has already ended has no addresses to lose.
    machine.dataPlanes[0]!.observer.failed(new NavalisError('address-not-available', 'Gone.', undefined, own));
    await pass(3_000);
    expect(await control.status()).toMatchObject({ state: 'running' });
    expect(machine.failures).toEqual([]);
    await control.stop();
  });

  it.each([
    ['relay', { 'bind-address': own }, (machine: FakeMachine) => machine.missingAddresses.add(own), 'bind-address'],
    ['host-relay', {}, (machine: FakeMachine) => (machine.host = hostWith()), 'ipv6-address'],
  ] as const)(
    '[RT-01] waits when a %s whose interface was removed lacks something else by then',
    async (role, values, lose, reason) => {
      const machine = machineWith();
      const { control } = await begin(role, values, machine);
      lose(machine);
      machine.dataPlanes[0]!.observer.failed(new NavalisError('interface-gone', 'Removed.'));
      await pass(3_000);
      expect(await control.status()).toMatchObject({ state: 'waiting', waitingFor: reason });
      machine.missingAddresses.clear();
      machine.host = hostWith(native);
      await pass(3_000);
      expect(await control.status()).toMatchObject({ state: 'running' });
      expect(machine.failures).toEqual([]);
      await control.stop();
      expect(vi.getTimerCount()).toBe(0);
    },
  );

  function slowStops(ms: number): void {
    const stop = FakeDataPlane.prototype.stop;
    vi.spyOn(FakeDataPlane.prototype, 'stop').mockImplementation(async function (this: FakeDataPlane) {
      await new Promise((resolve) => setTimeout(resolve, ms));
      return stop.call(this);
    });
  }

  it('[RT-01] starts once when the network is back before the end of what was at work', async () => {
    slowStops(50);
    const machine = machineWith();
    const { control } = await begin('host-relay', {}, machine);
    machine.host = hostWith();
    void control.hostChanged(machine.host);
    await pass(10);
    machine.host = hostWith(native);
    void control.hostChanged(machine.host);
    await pass(10_000);
    expect(machine.dataPlanes.map(({ isStopped }) => isStopped)).toEqual([true, false]);
    await Promise.all([control.stop(), pass(1_000)]);
    expect(machine.dataPlanes.map(({ isStopped }) => isStopped)).toEqual([true, true]);
    expect(vi.getTimerCount()).toBe(0);
    vi.restoreAllMocks();
  });

  it('[RT-02] says nothing any more when it is stopped while what was at work ends', async () => {
    slowStops(50);
    const machine = machineWith();
    const { control } = await begin('host-relay', {}, machine);
    const told = machine.log.length;
    machine.host = hostWith();
    void control.hostChanged(machine.host);
    await pass(10);
    await Promise.all([control.stop(), pass(5_000)]);
    expect(machine.log.slice(told)).toEqual([]);
    expect(vi.getTimerCount()).toBe(0);
    vi.restoreAllMocks();
  });

  it('starts with the configuration that was read again meanwhile', async () => {
    const machine = machineWith(hostWith(native), [own]);
    const values = { ...server, 'primary-address': own };
    const { control } = await begin('server', values, machine);
    control.reconfigured?.(withOtherKeys(configured('server', values)));
    machine.missingAddresses.clear();
    await pass(3_000);
    expect(machine.dataPlanes[0]!.settings.engine).toMatchObject({ clientKeys: [] });
    await control.stop();
  });

  it('applies the configuration that was read again during its start', async () => {
    const machine = machineWith();
    const values = { ...server, 'primary-address': own };
    let open: () => void = () => undefined;
    const { control } = await begin('server', values, machine, (context) => ({
      startDataPlane: async (...args) => {
        await new Promise<void>((resolve) => (open = resolve));
        return context.startDataPlane(...args);
      },
    }));
    control.reconfigured?.(withOtherKeys(configured('server', values)));
    open();
    await pass(0);
    expect(machine.dataPlanes[0]!.updates).toEqual([{ clientKeys: [] }]);
    await control.stop();
  });

  it.each(['relay', 'host-relay'] as const)(
    '[RT-01] starts a %s whose IPv6 address became a global one by a reload',
    async (role) => {
      const machine = machineWith(hostWith('2001:db8::7'));
      const { control } = await begin(role, {}, machine);
      expect(await control.status()).toMatchObject({ waitingFor: 'ipv6-address' });
      control.reconfigured?.(configured(role, { 'extra-global-ipv6': ['2001:db8::/32'] }));
      await pass(3_000);
      expect(await control.status()).toMatchObject({ state: 'running' });
      await control.stop();
    },
  );

  it('[RT-07] drains on when it starts again, and is not announced', async () => {
    const machine = machineWith();
    const { control } = await begin('relay', { 'announcement-table': 2001 }, machine);
    await pass(6_000);
    expect(control.drain?.()).toBe(true);
    machine.dataPlanes[0]!.observer.failed(new NavalisError('address-not-available', 'Gone.', undefined, own));
    await pass(30_000);
    expect(machine.dataPlanes).toHaveLength(2);
    expect(await control.status()).toMatchObject({ announcement: { isAnnounced: false, reason: 'draining' } });
    await control.stop();
  });

  it('starts again with the configuration that was read again while it was at work', async () => {
    const machine = machineWith();
    const values = { ...server, 'primary-address': own };
    const { control } = await begin('server', values, machine);
    control.reconfigured?.(withOtherKeys(configured('server', values)));
    machine.dataPlanes[0]!.observer.failed(new NavalisError('address-not-available', 'Gone.', undefined, own));
    await pass(3_000);
    expect(machine.dataPlanes).toHaveLength(2);
    expect(machine.dataPlanes[1]!.settings.engine).toMatchObject({ clientKeys: [] });
    await control.stop();
    expect(machine.failures).toEqual([]);
  });
});
