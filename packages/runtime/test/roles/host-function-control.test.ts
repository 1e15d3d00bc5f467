import { type HostRelayConfiguration, loadConfiguration } from '@navalis/config';
import type { HostAddresses } from '@navalis/life';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { createControl } from '../../src/program/create-control.ts';
import type { ControlContext } from '../../src/roles/shared/role-control.ts';
import { FakeMachine, hostWith } from '../fakes.ts';

const native = '2a00:1::1';

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

function configuration(): HostRelayConfiguration {
  const values = { mode: 'auto', server: '8.8.8.8', 'bind-address': '198.51.100.7' };
  const raw = new Map(Object.entries(values).map(([key, value]) => [key, { value, source: 'flag' as const }]));
  return loadConfiguration('host-relay', { config: '/dev/null', values: raw });
}

async function started(host: HostAddresses, change: (context: ControlContext) => Partial<ControlContext> = () => ({})) {
  const machine = new FakeMachine();
  machine.host = host;
  const context = await machine.context();
  const startDataPlane: ControlContext['startDataPlane'] = async (settings, observer) => {
    // At no time are there two (HR-07).
    expect(machine.dataPlanes.filter(({ isStopped }) => !isStopped)).toEqual([]);
    return context.startDataPlane(settings, observer);
  };
  const control = createControl(configuration(), { ...context, startDataPlane, ...change(context) });
  await control.start();
  return {
    machine,
    control,
    kinds: () => machine.dataPlanes.map(({ settings }) => (settings.engine as { kind: string }).kind),
    async become(next: HostAddresses, waitMs: number) {
      machine.host = next;
      control.hostChanged(next);
      await pass(waitMs);
    },
  };
}

async function pass(ms: number): Promise<void> {
  await vi.advanceTimersByTimeAsync(0);
  await vi.advanceTimersByTimeAsync(ms);
}

describe('a host-specific relay in mode auto', () => {
  it('[CL-U-04][HR-05a][HR-07][HR-18] is a client while there is no global address, and never both', async () => {
    const { machine, control, kinds, become } = await started(hostWith(native));
    expect(await control.status()).toMatchObject({
      role: 'host-relay',
      function: 'relay',
      state: 'running',
      address: native,
    });

    await become(hostWith('fe80::1'), 2_999);
    expect(kinds()).toEqual(['host']);
    await become(hostWith('fe80::1'), 1);
    expect(kinds()).toEqual(['host', 'client']);
    expect(machine.dataPlanes[1]!.settings.devices).toMatchObject({
      sockets: [{ endpoint: { port: 0 } }],
      interfaceName: 'teredo',
    });
    expect(await control.status()).toMatchObject({ role: 'host-relay', function: 'client' });

    await become(hostWith(native), 5_000);
    expect(kinds()).toEqual(['host', 'client', 'host']);
    expect(await control.status()).toMatchObject({ function: 'relay', address: native });
    expect(machine.log.filter((line) => line.includes('switching to'))).toEqual([
      'This host no longer has native IPv6 connectivity: switching to the client.',
      'This host has native IPv6 connectivity: switching to the host-specific relay.',
    ]);
    await control.stop();
    expect(machine.dataPlanes.map(({ isStopped }) => isStopped)).toEqual([true, true, true]);
    expect(machine.failures).toEqual([]);
  });

  it('names itself in the cures of its client', async () => {
    const { machine } = await started(hostWith('fe80::1'), () => ({ role: 'host-relay' }));
    const server = 0x08080808;
    machine.dataPlanes[0]!.observer.event({ kind: 'off-line', reason: 'server-silent', server, retryInMs: 1_000 });
    expect(machine.log.at(-1)).toMatch(/Run "teredo-host-relay diagnose" on this host\.$/);
  });

  it('[HR-05a][CL-U-15] is a client beside a global address without a default route', async () => {
    const { control } = await started({ ...hostWith(native), ipv6Exits: [] });
    expect(await control.status()).toMatchObject({ function: 'client' });
    await control.stop();
  });

  it.each([
    ['native', native, 'relay'],
    ['6to4', '2002:808:808::1', 'relay'],
    ['ISATAP', '2a00:1::200:5efe:192.0.2.1', 'relay'],
    ['Teredo', '2001:0:c000:201::1', 'client'],
    // It has connectivity by its default route, so it is no client (RFC 4380 5.5); the relay waits for an address.
    ['unique local', 'fd00::1', 'relay'],
    ['link-local', 'fe80::1', 'client'],
  ])('[HR-05b] judges a %s address correctly', async (_kind, address, role) => {
    const { control } = await started(hostWith(address));
    expect(await control.status()).toMatchObject({ function: role });
    await control.stop();
  });

  it('begins as a client without a global address, and reports since when', async () => {
    vi.setSystemTime('2026-05-01T12:00:00Z');
    const { control, kinds, become } = await started(hostWith());
    expect(kinds()).toEqual(['client']);
    expect(await control.status()).toMatchObject({ function: 'client', functionSince: '2026-05-01T12:00:00.000Z' });
    await become(hostWith(native), 5_000);
    expect(await control.status()).toMatchObject({ function: 'relay', functionSince: '2026-05-01T12:00:05.000Z' });
    // The clock of the host is set two hours on.
    vi.setSystemTime('2026-05-01T14:00:05Z');
    expect(await control.status()).toMatchObject({ functionSince: '2026-05-01T14:00:05.000Z' });
  });

  it('[HR-18] keeps its data plane, and so its clients, through an address that flickers', async () => {
    const { machine, control, kinds, become } = await started(hostWith(native));
    for (let flick = 0; flick < 5; flick++) {
      await become(hostWith(), 2_000);
      await become(hostWith(native), 2_000);
    }
    expect(kinds()).toEqual(['host']);
    expect(machine.dataPlanes[0]!.isStopped).toBe(false);
    await become(hostWith('2a00:1::2'), 0);
    expect(await control.status()).toMatchObject({ function: 'relay', address: '2a00:1::2' });
  });

  it('as a client is informed about new IPv4 addresses and sleeps', async () => {
    const { machine, control, become } = await started(hostWith());
    await become({ ...hostWith(), ipv4: [] }, 0);
    control.resumed?.(60_000);
    await pass(0);
    expect(machine.dataPlanes[0]!.updates).toMatchObject([
      { kind: 'network-changed' },
      { kind: 'resumed', sleptMs: 60_000 },
    ]);
  });

  it('[R5-12] as a client stays off in a managed domain, and is a relay there all the same', async () => {
    const probes = { signOfManagement: () => '/etc/krb5.keytab', preferOther: () => false };
    const { control, kinds, become } = await started(hostWith(), () => ({ probes }));
    expect(kinds()).toEqual([]);
    expect(await control.status()).toMatchObject({
      function: 'client',
      state: 'disabled',
      disabledReason: 'managed-network',
    });
    await become(hostWith(native), 5_000);
    expect(kinds()).toEqual(['host']);
  });

  it('waits for the names of its servers, and is stopped while it does', async () => {
    const names = new Map(Object.entries({ mode: 'auto', server: 'a.example' }));
    const raw = new Map([...names].map(([key, value]) => [key, { value, source: 'flag' as const }]));
    const machine = new FakeMachine();
    machine.host = hostWith();
    let isUp = false;
    machine.lookUpName = async () => {
      if (!isUp) throw Object.assign(new Error('no'), { code: 'EAI_AGAIN' });
      return ['8.8.8.8'];
    };
    const loaded = loadConfiguration('host-relay', { config: '/dev/null', values: raw });
    const control = createControl(loaded, await machine.context());
    await control.start();
    expect(await control.status()).toMatchObject({
      function: 'client',
      state: 'waiting',
      waitingFor: 'server-name',
      evidence: 'a.example',
    });
    expect(machine.dataPlanes).toEqual([]);
    isUp = true;
    await pass(10_000);
    vi.useRealTimers();
    await vi.waitFor(() => expect(machine.dataPlanes).toHaveLength(1));
    await control.stop();
    expect(machine.failures).toEqual([]);
  });

  it('reports its status, and ends, while no name server answers after a hand-over', async () => {
    const names = new Map(Object.entries({ mode: 'auto', server: 'a.example' }));
    const raw = new Map([...names].map(([key, value]) => [key, { value, source: 'flag' as const }]));
    const machine = new FakeMachine();
    machine.host = hostWith(native);
    machine.lookUpName = () => new Promise(() => undefined);
    const loaded = loadConfiguration('host-relay', { config: '/dev/null', values: raw });
    const control = createControl(loaded, await machine.context());
    await control.start();
    machine.host = hostWith();
    control.hostChanged(machine.host);
    await pass(10_000);
    const outcome = Promise.race([control.status(), new Promise((resolve) => setTimeout(resolve, 1_000, 'no status'))]);
    await pass(1_000);
    expect(await outcome).toMatchObject({ function: 'client', state: 'initial' });
    const end = Promise.race([control.stop(), new Promise((resolve) => setTimeout(resolve, 1_000, 'no end'))]);
    await pass(1_000);
    expect(await end).toBeUndefined();
    expect(machine.dataPlanes.filter(({ isStopped }) => !isStopped)).toEqual([]);
    expect(machine.failures).toEqual([]);
  });
});
