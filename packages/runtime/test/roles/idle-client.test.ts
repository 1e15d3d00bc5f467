import { parseIpv4, parseIpv6 } from '@navalis/address';
import { type ClientConfiguration, loadConfiguration } from '@navalis/config';
import { Counters } from '@navalis/engine';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { ClientControl } from '../../src/roles/client/client-control.ts';
import { FakeMachine, hostWith } from '../fakes.ts';

const address = parseIpv6('2001:0:808:808:1234:efff:34ff:8ef8')!;
const mapped = { address: parseIpv4('203.0.113.7')!, port: 4096 };
const server = parseIpv4('8.8.8.8')!;

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

function configurationOf(own: Readonly<Record<string, string>>): ClientConfiguration {
  const all = { server: '8.8.8.8', 'bind-address': '198.51.100.7', ...own };
  const values = new Map(Object.entries(all).map(([key, value]) => [key, { value, source: 'flag' as const }]));
  return loadConfiguration('client', { config: '/dev/null', values });
}

/** A client that has its address, with its control and a way to let time pass. */
async function client(idleTimeout: string) {
  const machine = new FakeMachine();
  machine.host = hostWith();
  const control = new ClientControl(configurationOf({ 'idle-timeout': idleTimeout }), await machine.context());
  await control.start();
  machine.dataPlanes[0]!.observer.event({ kind: 'address-assigned', address, mapped, server, nat: 'none', mtu: 1280 });
  return {
    machine,
    control,
    dataPlanes: machine.dataPlanes,
    /** Sets the status that the first data plane reports. */
    tell(state: 'qualified' | 'off-line', packetsTaken: number, multicasts = 0) {
      const counters = new Counters();
      counters.packetsTaken = packetsTaken;
      counters.drop('destination-not-allowed', multicasts);
      machine.dataPlanes[0]!.current = { ...machine.dataPlanes[0]!.current, state, counters: counters.snapshot() };
    },
    async pass(ms: number, stepMs = 1_000) {
      for (let passed = 0; passed < ms; passed += stepMs) {
        await vi.advanceTimersByTimeAsync(stepMs);
      }
    },
  };
}

describe('a client with an idle time', () => {
  it('[CL-U-10][SEC-30] closes its socket when the time is over, and keeps interface and address', async () => {
    const { machine, control, dataPlanes, tell, pass } = await client('60');
    tell('qualified', 1);
    await pass(60_000);
    expect(dataPlanes).toHaveLength(1);
    machine.commands.length = 0;
    await pass(12_000);
    expect(dataPlanes[0]!.isStopped).toBe(true);
    expect(dataPlanes[1]!.settings.devices).toMatchObject({ sockets: [], interfaceName: 'teredo' });
    expect(machine.commands).toContain('address add 2001:0:808:808:1234:efff:34ff:8ef8/32 dev teredo nodad');
    expect(await control.status()).toMatchObject({ state: 'disabled', disabledReason: 'idle', evidence: '60 s' });
    expect(machine.log.at(-1)).toBe(
      'Not using Teredo: this host has sent nothing through it for 60 s (key idle-timeout).',
    );
  });

  it('logs why it closes and opens its socket, and neither an end nor a lost address', async () => {
    const { machine, control, dataPlanes, tell, pass } = await client('60');
    dataPlanes[0]!.lastWords = [{ kind: 'address-lost', address }, { kind: 'stopped' }];
    tell('qualified', 1);
    await pass(72_000);
    dataPlanes[1]!.observer.event({ kind: 'wanted' });
    await control.status();
    await vi.waitFor(() => expect(dataPlanes).toHaveLength(3));
    await control.stop();
    expect(machine.log).toEqual([
      expect.stringContaining('mapped to'),
      // At level debug.
      "The client's engine has stopped.",
      'Not using Teredo: this host has sent nothing through it for 60 s (key idle-timeout).',
      'Using Teredo again: this host has a packet for the tunnel.',
    ]);
  });

  it('[CL-U-10] comes back when the host has a packet for the tunnel, and may become idle again', async () => {
    const { control, dataPlanes, tell, pass } = await client('60');
    tell('qualified', 0);
    await pass(66_000);
    dataPlanes[1]!.observer.event({ kind: 'wanted' });
    await control.status();
    await vi.waitFor(() => expect(dataPlanes.map(({ isStopped }) => isStopped)).toEqual([true, true, false]));
    expect(dataPlanes[2]!.settings.devices.sockets).toHaveLength(1);
    dataPlanes[2]!.observer.event({ kind: 'address-assigned', address, mapped, server, nat: 'none', mtu: 1280 });
    dataPlanes[2]!.current = dataPlanes[0]!.current;
    await pass(72_000);
    expect(dataPlanes).toHaveLength(4);
  });

  it('[CL-U-10] is not idle while the host sends, nor while it has no address', async () => {
    const { dataPlanes, tell, pass } = await client('60');
    for (let packets = 1; packets < 5; packets++) {
      tell('qualified', packets);
      await pass(50_000);
    }
    tell('off-line', 5);
    await pass(300_000);
    expect(dataPlanes).toHaveLength(1);
  });

  it('[CL-U-10] does not count packets that every kernel sends to neighbours as use', async () => {
    const { dataPlanes, tell, pass } = await client('60');
    for (let packets = 1; packets < 10; packets++) {
      tell('qualified', packets, packets);
      await pass(10_000);
    }
    expect(dataPlanes).toHaveLength(2);
  });

  it('[CL-U-01] gives up the interface too when a blocker appears meanwhile', async () => {
    const { control, dataPlanes, tell, pass } = await client('60');
    tell('qualified', 0);
    await pass(66_000);
    control.hostChanged(hostWith('2a00:1::1'));
    expect(await control.status()).toMatchObject({ disabledReason: 'native-ipv6' });
    dataPlanes[1]!.observer.event({ kind: 'wanted' });
    await control.status();
    expect(dataPlanes.map(({ isStopped }) => isStopped)).toEqual([true, true]);
  });

  it('[CL-U-11] leaves nothing when it is stopped', async () => {
    for (const [passedMs, stopped] of [
      [0, [true]],
      [66_000, [true, true]],
    ] as const) {
      const { control, dataPlanes, tell, pass } = await client('60');
      tell('qualified', 0);
      await pass(passedMs);
      await control.stop();
      expect(dataPlanes.map(({ isStopped }) => isStopped)).toEqual(stopped);
      expect(vi.getTimerCount()).toBe(0);
    }
  });

  it.each([
    ['log-level', 'debug'],
    ['server', '9.9.9.8'],
    ['max-peers', '1000'],
    ['idle-timeout', '600'],
  ])('[CL-U-10] stays idle when a reload changes %s', async (key, value) => {
    const { control, dataPlanes, tell, pass } = await client('60');
    tell('qualified', 0);
    await pass(66_000);
    control.reconfigured(configurationOf({ 'idle-timeout': '60', [key]: value }));
    expect(await control.status()).toMatchObject({ disabledReason: 'idle', evidence: '60 s' });
    expect(dataPlanes.map(({ isStopped }) => isStopped)).toEqual([true, false]);
  });

  it('[CL-U-10] changes the routes of the interface at a reload, and stays idle', async () => {
    const { machine, control, dataPlanes, tell, pass } = await client('60');
    tell('qualified', 0);
    await pass(66_000);
    machine.commands.length = 0;
    control.reconfigured(configurationOf({ 'idle-timeout': '60', 'default-route': 'false' }));
    expect(await control.status()).toMatchObject({ disabledReason: 'idle' });
    await vi.waitFor(() => expect(machine.commands).toContain('route del default dev teredo metric 1000000'));
    expect(dataPlanes).toHaveLength(2);
  });

  it.each([
    ['idle-timeout', 'off'],
    ['extra-global-ipv4', '10.0.0.0/8'],
  ])('[CL-U-10] comes back when a reload changes %s to %s, with all other changes', async (key, value) => {
    const { machine, control, dataPlanes, tell, pass } = await client('60');
    tell('qualified', 0);
    await pass(66_000);
    control.reconfigured(configurationOf({ 'idle-timeout': '60', 'max-peers': '1000', [key]: value }));
    expect(await control.status()).not.toMatchObject({ disabledReason: 'idle' });
    await vi.waitFor(() => expect(dataPlanes.map(({ isStopped }) => isStopped)).toEqual([true, true, false]));
    expect(dataPlanes[2]!.settings.engine).toMatchObject({ peerCapacity: 1000 });
    expect(machine.log).toContain(`Opening the socket of the idle client: ${key} changed.`);
  });

  it('is never idle unless configured', async () => {
    const { dataPlanes, tell, pass } = await client('off');
    tell('qualified', 0);
    await pass(86_400_000, 60_000);
    expect(dataPlanes).toHaveLength(1);
    // The watches over the interface and the routes.
    expect(vi.getTimerCount()).toBe(2);
  });
});
