import { loadConfiguration, type RelayConfiguration } from '@navalis/config';
import { NavalisError } from '@navalis/engine';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { RelayControl } from '../../src/roles/relay/relay-control.ts';
import { FakeMachine, hostWith } from '../fakes.ts';

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

const added = 'route append 2001::/32 dev teredo table 2001';
const removed = 'route del 2001::/32 dev teredo table 2001';
const fault = { sentence: 'IPv6 forwarding is off.', evidence: 'e', cure: 'Switch it on.' };

async function started(values: Readonly<Record<string, unknown>> = { 'announcement-table': 2001 }) {
  const machine = new FakeMachine();
  machine.host = hostWith('2a00:1::1');
  const raw = new Map(Object.entries(values).map(([key, value]) => [key, { value, source: 'flag' as const }]));
  const configuration = loadConfiguration('relay', { config: '/dev/null', values: raw }) as RelayConfiguration;
  const relay = new RelayControl(configuration, await machine.context());
  await relay.start();
  const table = () => machine.interfaces.links.get('teredo')?.routes.filter((route) => route.table === 2001).length;
  const announcement = async () => (await relay.status()).announcement;
  const pass = (ms: number) => vi.advanceTimersByTimeAsync(ms);
  return { machine, relay, table, announcement, pass };
}

/** A relay that has just been announced. */
async function announced() {
  const scene = await started();
  await scene.pass(7_000);
  expect(scene.table()).toBe(1);
  scene.machine.commands.length = 0;
  return scene;
}

describe('[RL-A-15] the announcement of a relay', () => {
  it('is a route in the table of the key, once the relay has worked for 5 s', async () => {
    const { machine, table, announcement, pass } = await started();
    await pass(4_900);
    expect(table()).toBe(0);
    expect(await announcement()).toMatchObject({
      table: 2001,
      isAnnounced: false,
      reason: 'settling',
      sentence: 'The relay must work for 5 s before it is announced.',
    });
    await pass(200);
    expect(machine.commands.at(-1)).toBe(added);
    expect(await announcement()).toEqual({ table: 2001, isAnnounced: true, since: expect.any(String) });
    expect(machine.events).toEqual([{ event: 'announced', prefix: '2001::/32', table: 2001 }]);
    expect(machine.log.at(-1)).toBe('Announcing 2001::/32 by a route in table 2001.');
  });

  it('needs the key', async () => {
    const { machine, announcement, pass } = await started({});
    await pass(60_000);
    expect(await announcement()).toBeUndefined();
    expect(machine.commands.join()).not.toContain('table');
  });

  it('ends at once when the relay is degraded, and returns when it has worked again for a while', async () => {
    const { machine, table, announcement, pass } = await announced();
    machine.degradations.raise('forwarding-off', fault);
    await pass(0);
    expect(machine.commands).toEqual([removed]);
    expect(await announcement()).toMatchObject({ reason: 'degraded', sentence: 'IPv6 forwarding is off.' });
    expect(machine.events.at(-1)).toEqual({
      event: 'withdrawn',
      prefix: '2001::/32',
      table: 2001,
      reason: 'degraded',
    });
    expect(machine.log.at(-1)).toBe(
      'No longer announcing 2001::/32: the route in table 2001 is removed. IPv6 forwarding is off.',
    );
    await pass(60_000);
    machine.degradations.clear('forwarding-off');
    await pass(9_900);
    expect(table()).toBe(0);
    await pass(200);
    expect(table()).toBe(1);
    // The route that forwards was there all the time.
    expect(machine.commands).toEqual([removed, added]);
  });

  it('waits for the end of the last of several faults', async () => {
    const { machine, table, pass } = await started();
    machine.degradations.raise('forwarding-off', fault);
    machine.degradations.raise('send-failed', fault);
    machine.degradations.clear('forwarding-off');
    await pass(30_000);
    expect(table()).toBe(0);
    machine.degradations.clear('send-failed');
    await pass(5_100);
    expect(table()).toBe(1);
  });

  it('is put back when another program removes the route, like others', async () => {
    const { machine, table, pass, announcement } = await announced();
    const link = machine.interfaces.link('teredo');
    link.routes = link.routes.filter((route) => route.table === undefined);
    expect(table()).toBe(0);
    await pass(3_000);
    expect(table()).toBe(1);
    expect((await announcement())?.isAnnounced).toBe(true);
    expect(machine.log.at(-1)).toContain('route 2001::/32 of table 2001 missing) and is restored');
    expect(machine.degradations.active).toEqual([]);
  });

  it('is removed later when the removal fails, and degrades the relay meanwhile', async () => {
    const { machine, table, pass } = await announced();
    const run = machine.interfaces.run.bind(machine.interfaces);
    let isRefused = true;
    machine.interfaces.run = (commands) => {
      if (isRefused && commands.some((command) => command[1] === 'del'))
        throw new NavalisError('command-failed', 'No processes left.');
      run(commands);
    };
    machine.degradations.raise('forwarding-off', fault);
    await pass(3_000);
    expect(table()).toBe(1);
    expect(machine.degradations.active.at(-1)).toMatchObject({
      reason: 'announcement',
      evidence: 'route 2001::/32 of table 2001 not removed',
    });
    isRefused = false;
    await pass(3_000);
    expect(table()).toBe(0);
    expect(machine.degradations.active).toMatchObject([{ reason: 'forwarding-off' }]);
  });

  it('degrades the relay while the route cannot be set, with the reason, and packets flow', async () => {
    const { machine, pass, announcement, relay } = await started();
    const run = machine.interfaces.run.bind(machine.interfaces);
    let isRefused = true;
    machine.interfaces.run = (commands) => {
      if (isRefused && commands.some((command) => command[1] === 'append'))
        throw new NavalisError('command-failed', 'No room.');
      run(commands);
    };
    await pass(8_000);
    expect(machine.degradations.active).toMatchObject([
      { reason: 'announcement', evidence: 'route 2001::/32 of table 2001 missing' },
    ]);
    expect(await announcement()).toMatchObject({ isAnnounced: false, reason: 'route-missing' });
    expect(machine.events.filter(({ event }) => event === 'withdrawn')).toEqual([]);
    isRefused = false;
    await pass(8_000);
    expect(machine.degradations.active).toEqual([]);
    expect((await announcement())?.isAnnounced).toBe(true);
    await relay.stop();
  });

  it('ends for good when the relay drains, which serves on', async () => {
    const { machine, relay, table, pass, announcement } = await announced();
    expect(relay.drain()).toBe(true);
    await pass(0);
    expect(machine.commands).toEqual([removed]);
    await pass(120_000);
    expect(table()).toBe(0);
    expect(await announcement()).toMatchObject({ reason: 'draining' });
    expect(machine.dataPlanes[0]!.isStopped).toBe(false);
    expect(machine.interfaces.link('teredo').routes).toHaveLength(1);
  });

  it('ends before the interface when the relay stops', async () => {
    const { machine, relay } = await announced();
    const before: boolean[] = [];
    const [dataPlane] = machine.dataPlanes;
    const stop = dataPlane!.stop.bind(dataPlane);
    dataPlane!.stop = () => {
      before.push(machine.commands.includes(removed));
      return stop();
    };
    await relay.stop();
    expect(before).toEqual([true]);
    expect(vi.getTimerCount()).toBe(0);
  });

  it('ends with an interface that another program removed, and returns with another one after a while', async () => {
    const { machine, table, pass, announcement } = await announced();
    machine.interfaces.links.delete('teredo');
    await pass(3_000);
    expect(machine.events.filter(({ event }) => event === 'withdrawn')).toMatchObject([{ reason: 'no-interface' }]);
    expect(machine.dataPlanes).toHaveLength(2);
    expect(await announcement()).toMatchObject({ isAnnounced: false, reason: 'settling' });
    expect(table()).toBe(0);
    await pass(11_000);
    expect(table()).toBe(1);
    expect((await announcement())?.isAnnounced).toBe(true);
  });
});
