import { type HostRelayConfiguration, loadConfiguration, type RelayConfiguration } from '@navalis/config';
import { NavalisError } from '@navalis/engine';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { HostRelayControl } from '../../src/roles/host-relay/host-relay-control.ts';
import { RelayControl } from '../../src/roles/relay/relay-control.ts';
import { InterfaceRecovery } from '../../src/roles/shared/interface-recovery.ts';
import type { ControlContext } from '../../src/roles/shared/role-control.ts';
import { hostTime } from '../../src/scheduling/time.ts';
import { FakeMachine, hostWith } from '../fakes.ts';

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

const gone = new NavalisError('interface-gone', 'The interface teredo was removed while it was in use.');

async function started(role: 'relay' | 'host-relay', firstRunIp?: ControlContext['runIp']) {
  const machine = new FakeMachine();
  machine.host = hostWith('2a00:1::1');
  const configuration = loadConfiguration(role, { config: '/dev/null', values: new Map() });
  const context = await machine.context();
  const failing = { with: undefined as NavalisError | undefined };
  const opening = { until: Promise.resolve() };
  const startDataPlane: typeof context.startDataPlane = async (settings, observer) => {
    await opening.until;
    if (failing.with !== undefined) throw failing.with;
    return context.startDataPlane(settings, observer);
  };
  let isFirst = true;
  const runIp: typeof context.runIp = (commands) => {
    if (!isFirst || firstRunIp === undefined) return context.runIp(commands);
    isFirst = false;
    return firstRunIp(commands);
  };
  const parts = { ...context, startDataPlane, runIp };
  const control =
    role === 'relay'
      ? new RelayControl(configuration as RelayConfiguration, parts)
      : new HostRelayControl(configuration as HostRelayConfiguration, parts);
  await control.start();
  const pass = async (ms: number) => {
    await vi.advanceTimersByTimeAsync(ms);
  };
  return { machine, control, failing, opening, pass };
}

it.each(['relay', 'host-relay'] as const)(
  '[RL-A-12] a %s opens another interface when the first is removed at once',
  async (role) => {
    const { machine, control, pass } = await started(role, async () => {
      throw new NavalisError('command-failed', 'Cannot find device "teredo".');
    });
    await pass(100);
    expect(machine.dataPlanes.map(({ isStopped }) => isStopped)).toEqual([true, false]);
    expect(machine.failures).toEqual([]);
    expect(await control.status()).toMatchObject({ state: 'running' });
    await control.stop();
  },
);

it('[RL-A-12] opens another interface at once after a restore that failed, which is no fight', async () => {
  const machine = new FakeMachine();
  let opened = 0;
  const open = async () => {
    opened += 1;
  };
  const reopening = { close: async () => undefined, open };
  const recovery = new InterfaceRecovery('teredo', await machine.context(), reopening);
  recovery.pace.failed(hostTime.now());
  recovery.begin();
  await vi.advanceTimersByTimeAsync(0);
  expect(opened).toBe(1);
  expect(machine.degradations.active).toEqual([]);
  expect(machine.log).toHaveLength(1);
});

describe.each(['relay', 'host-relay'] as const)('[RL-A-12] a %s whose interface was removed', (role) => {
  it('opens another data plane with another interface, from either report first', async () => {
    const { machine, control, pass } = await started(role);
    machine.dataPlanes[0]!.observer.failed(gone);
    machine.interfaces.links.delete('teredo');
    await pass(100);
    expect(machine.dataPlanes.map(({ isStopped }) => isStopped)).toEqual([true, false]);
    expect(machine.failures).toEqual([]);
    expect(await control.status()).toMatchObject({ state: 'running', address: '2a00:1::1' });
    expect(machine.interfaces.link('teredo').routes).toContainEqual({ destination: '2001::/32', metric: 1024 });
    const removals = machine.log.filter((sentence) => sentence.includes('was removed by another program'));
    expect(removals).toHaveLength(1);

    // The watch of the second one.
    machine.interfaces.links.delete('teredo');
    await pass(1_000);
    await pass(1_000);
    expect(machine.dataPlanes.map(({ isStopped }) => isStopped)).toEqual([true, true, false]);
    expect(machine.upkeep.report.restores).toBe(2);
  });

  it('is degraded while no other one can be created, and retries', async () => {
    const { machine, control, failing, pass } = await started(role);
    failing.with = new NavalisError('interface-taken', 'An interface teredo exists already.');
    const removed = new Date().toISOString();
    machine.dataPlanes[0]!.observer.failed(gone);
    await pass(2_000);
    expect(await control.status()).toMatchObject({ state: 'degraded', since: removed });
    expect(machine.degradations.active).toMatchObject([{ reason: 'interface', evidence: 'interface removed' }]);
    expect(machine.degradations.active[0]!.sentence).toContain('An interface teredo exists already.');
    control.hostChanged(hostWith('2a00:1::1', '2a00:1::2'));
    failing.with = undefined;
    await pass(3_000);
    expect(await control.status()).toMatchObject({ state: 'running' });
    expect(machine.degradations.active).toEqual([]);
    expect(machine.dataPlanes).toHaveLength(2);
  });

  it('yields, longer each time, to a program that removes each one, and is degraded then', async () => {
    const { machine, control, pass } = await started(role);
    for (let second = 0; second < 300; second++) {
      machine.interfaces.links.delete('teredo');
      await pass(1_000);
    }
    // Three at once, then after 2, 4, 8, 16, 32 and 60 s.
    expect(machine.dataPlanes.length).toBeGreaterThan(6);
    expect(machine.dataPlanes.length).toBeLessThan(15);
    expect(await control.status()).toMatchObject({ state: 'degraded' });
    expect(machine.degradations.active).toMatchObject([{ reason: 'interface', evidence: 'removed' }]);
    expect(machine.log.filter((sentence) => sentence.includes('keeps changing interface teredo'))).toHaveLength(1);
    for (let second = 0; second < 90; second++) await pass(1_000);
    expect(await control.status()).toMatchObject({ state: 'running' });
    expect(machine.degradations.active).toEqual([]);
    expect(machine.failures).toEqual([]);
    await control.stop();
    expect(vi.getTimerCount()).toBe(0);
  });

  it('applies changes of the host that happen while another data plane starts', async () => {
    const { machine, control, opening, pass } = await started(role);
    let open: () => void = () => undefined;
    opening.until = new Promise<void>((resolve) => (open = resolve));
    machine.dataPlanes[0]!.observer.failed(gone);
    await pass(100);
    const moved = { ...hostWith('2a00:1::1'), ipv4: [] };
    machine.host = moved;
    void control.hostChanged(moved);
    open();
    await pass(100);
    const update = { ownIpv4Addresses: [], networkChanged: true };
    expect(machine.dataPlanes[1]!.updates).toContainEqual(expect.objectContaining(update));
    await control.stop();
  });

  it('does not log an attempt that fails after the stop', async () => {
    const { machine, control, failing, opening, pass } = await started(role);
    let open: () => void = () => undefined;
    opening.until = new Promise<void>((resolve) => (open = resolve));
    failing.with = new NavalisError('interface-taken', 'An interface teredo exists already.');
    machine.dataPlanes[0]!.observer.failed(gone);
    await pass(100);
    const stopped = control.stop();
    open();
    await stopped;
    expect(machine.degradations.active).toEqual([]);
    expect(vi.getTimerCount()).toBe(0);
  });

  it('opens nothing once it is stopped', async () => {
    const { machine, control, failing, pass } = await started(role);
    failing.with = new NavalisError('interface-taken', 'An interface teredo exists already.');
    machine.dataPlanes[0]!.observer.failed(gone);
    await pass(100);
    await control.stop();
    failing.with = undefined;
    await pass(60_000);
    expect(machine.dataPlanes).toHaveLength(1);
    expect(vi.getTimerCount()).toBe(0);
  });
});
