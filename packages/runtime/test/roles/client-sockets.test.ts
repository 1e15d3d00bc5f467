import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseIpv4, parseIpv6 } from '@navalis/address';
import { type ClientConfiguration, loadConfiguration } from '@navalis/config';
import type { HostAddresses } from '@navalis/life';
import { afterAll, describe, expect, it, onTestFinished, vi } from 'vitest';
import { ClientControl } from '../../src/roles/client/client-control.ts';
import { FakeMachine, hostWith } from '../fakes.ts';

const subnet = { address: parseIpv4('10.0.0.2')!, length: 24 };

/** A host with an uplink, and with the interface of the local discovery when it has an address. */
function hostBeside(link?: { readonly address: number; readonly length: number }): HostAddresses {
  const host = hostWith();
  if (link === undefined) return host;
  const entry = { address: link.address, prefixLength: link.length, interfaceName: 'lan0' };
  return { ...host, ipv4: [...host.ipv4, entry] };
}

const folder = mkdtempSync(join(tmpdir(), 'navalis-client-'));
afterAll(() => rmSync(folder, { recursive: true }));

function fileOf(text: string): string {
  const path = join(folder, 'credentials');
  writeFileSync(path, text, { mode: 0o600 });
  return path;
}

const offline = { kind: 'off-line', reason: 'server-silent', server: 0x08080808, retryInMs: 1_000 } as const;

async function clientOn(
  host: HostAddresses,
  discovery: string = 'lan0',
  more: Readonly<Record<string, string>> = {},
  machine = new FakeMachine(),
) {
  machine.host = host;
  const all = { server: '8.8.8.8', 'bind-address': '198.51.100.7', 'local-discovery': discovery, ...more };
  const raw = new Map(Object.entries(all).map(([key, value]) => [key, { value, source: 'flag' as const }]));
  const configuration = loadConfiguration('client', { config: '/dev/null', values: raw }) as ClientConfiguration;
  const control = new ClientControl(configuration, await machine.context());
  await control.start();
  return {
    machine,
    control,
    async change(to: HostAddresses) {
      machine.host = to;
      control.hostChanged(to);
      // A renewal is enqueued behind the change that asks for it.
      for (let turn = 0; turn < 20; turn++) await control.status();
    },
  };
}

it('[CL-D-01] a refresh interval that is to be determined needs no socket at the start: the engine opens it', async () => {
  const { machine } = await clientOn(hostBeside(), 'off', { 'refresh-interval': 'determine' });
  const { devices, engine } = machine.dataPlanes[0]!.settings;
  expect(devices.sockets).toMatchObject([{ endpoint: { port: 0 } }]);
  expect(engine).toMatchObject({ refreshIntervalMs: undefined });
});

describe('the port of a client', () => {
  it('[CL-Q-31] is free to change unless it is configured', async () => {
    const free = await clientOn(hostWith(), 'off');
    expect(free.machine.dataPlanes[0]!.settings.engine).toMatchObject({ keepsPort: false });
    const fixed = await clientOn(hostWith(), 'off', { 'bind-port': '45454' });
    expect(fixed.machine.dataPlanes[0]!.settings.engine).toMatchObject({ keepsPort: true });
  });

  it('[CL-Q-31] is current in status after a change, also when the host changes afterwards', async () => {
    const { machine, control, change } = await clientOn(hostWith(), 'off');
    const [dataPlane] = machine.dataPlanes;
    expect((await control.status()).local?.port).toBe(40_000);
    dataPlane!.observer.event(offline);
    dataPlane!.observer.event({ kind: 'new-port-wanted' });
    dataPlane!.observer.event({ kind: 'port-changed', local: { address: 0xc6336407, port: 51_515 } });
    expect((await control.status()).local).toEqual({ address: '198.51.100.7', port: 51_515 });
    await change({ ...hostWith(), ipv4Gateways: ['eth0 02C86433'] });
    expect((await control.status()).local).toEqual({ address: '198.51.100.7', port: 51_515 });
  });
});

describe('the port and the address of the last run', () => {
  const path = '/var/lib/teredo-client/client-teredo.json';
  const fields = { port: 51_515, address: '2001:0:808:808:0:63bf:34ff:8ef4' };
  const turn = { turn: 'turn:8.8.8.8', 'turn-use': 'always', 'turn-credentials': fileOf('alice:secret\n') };

  it.each<[string, Readonly<Record<string, string>>, number, boolean]>([
    ['are used again', {}, 51_515, true],
    ['yield to a configured port', { 'bind-port': '45454' }, 45_454, true],
    ['are not used through a TURN server, which may still have an allocation for the port', turn, 0, false],
  ])('%s', async (_, more, port, isFormer) => {
    const before = new FakeMachine();
    before.states.set(path, { kind: 'read', fields });
    const { machine } = await clientOn(hostWith(), 'off', more, before);
    const { devices, engine } = machine.dataPlanes[0]!.settings;
    expect(devices.sockets).toMatchObject([{ endpoint: { port } }]);
    const formerAddress = isFormer ? parseIpv6(fields.address) : undefined;
    expect((engine as { formerAddress: unknown }).formerAddress).toEqual(formerAddress);
  });

  it('are remembered with each address, and another port is used if theirs is taken', async () => {
    const before = new FakeMachine();
    before.states.set(path, { kind: 'read', fields });
    before.refusePort = 51_515;
    const { machine } = await clientOn(hostWith(), 'off', {}, before);
    const { observer, settings } = machine.dataPlanes[0]!;
    expect(settings.devices.sockets).toMatchObject([{ endpoint: { port: 0 } }]);
    const address = parseIpv6('2001:0:808:808:1:63bf:34ff:8ef4')!;
    const mapped = { address: 0xc6336407, port: 40_000 };
    observer.event({ kind: 'address-assigned', address, mapped, server: 0x08080808, nat: 'none', mtu: 1280 });
    const next = { port: 40_000, address: '2001:0:808:808:1:63bf:34ff:8ef4' };
    expect(machine.states.get(path)).toEqual({ kind: 'read', fields: next });
  });
});

describe('a client whose server is silent while peers are heard', () => {
  const address = { word0: 0x20010000, word1: 0x08080808, word2: 0, word3: 0 };

  it('[CL-M-14] is degraded, logs it once with the cure, and looks the name up', async () => {
    vi.useFakeTimers();
    onTestFinished(() => void vi.useRealTimers());
    const { machine } = await clientOn(hostWith(), 'off', { server: 'teredo.example' });
    const { observer } = machine.dataPlanes[0]!;
    let lookUps = 0;
    machine.lookUpName = async () => {
      lookUps++;
      return ['8.8.8.8'];
    };
    vi.advanceTimersByTime(10_000);
    observer.event({ kind: 'server-unheard', server: 0x08080808, address });
    expect(lookUps).toBe(1);
    expect(machine.degradations.active).toMatchObject([{ reason: 'server-silent', evidence: '8.8.8.8' }]);
    expect(machine.log.filter((line) => line.startsWith('Server 8.8.8.8 does not answer;'))).toHaveLength(1);
    observer.event({ kind: 'server-heard', server: 0x08080808 });
    expect(machine.degradations.active).toEqual([]);
    expect(machine.log).toContain('The server answers again.');
  });

  it('[CL-M-14] is no longer degraded once its address is lost, or the client ends', async () => {
    const { machine } = await clientOn(hostWith(), 'off');
    const { observer } = machine.dataPlanes[0]!;
    for (const end of [{ kind: 'address-lost', address }, { kind: 'stopped' }] as const) {
      observer.event({ kind: 'server-unheard', server: 0x08080808, address });
      expect(machine.degradations.active).toHaveLength(1);
      observer.event(end);
      expect(machine.degradations.active).toEqual([]);
    }
    expect(machine.log).not.toContain('The server answers again.');
  });
});

describe('local discovery', () => {
  it('[CL-L-01b] opens nothing for it when it is off', async () => {
    const { machine } = await clientOn(hostBeside(subnet), 'off');
    expect(machine.dataPlanes[0]!.settings.devices.sockets).toHaveLength(1);
    expect(machine.dataPlanes[0]!.settings.devices.sockets[0]!.multicastInterface).toBeUndefined();
    expect(machine.dataPlanes[0]!.settings.engine).toMatchObject({ localLink: undefined });
  });

  it('[CL-L-02] has a socket of its own on the interface of the key', async () => {
    const { machine } = await clientOn(hostBeside(subnet));
    const [dataPlane] = machine.dataPlanes;
    expect(dataPlane!.settings.devices.sockets).toMatchObject([
      { multicastInterface: 'lan0' },
      { endpoint: { address: parseIpv4('224.0.0.253'), port: 3544 }, multicastInterface: 'lan0' },
    ]);
    expect(dataPlane!.settings.engine).toMatchObject({ localLink: { subnet }, discoveryPortId: 1 });
  });

  it('reports a missing interface, and opens the sockets when it appears', async () => {
    const { machine, change } = await clientOn(hostBeside());
    expect(machine.log).toContain(
      'Interface lan0 of key local-discovery has no IPv4 address: local discovery starts when it has one.',
    );
    expect(machine.dataPlanes[0]!.settings.devices.sockets).toHaveLength(1);
    await change(hostBeside(subnet));
    expect(machine.dataPlanes.map(({ isStopped }) => isStopped)).toEqual([true, false]);
    expect(machine.dataPlanes[1]!.settings.devices.sockets).toHaveLength(2);
  });

  it('[CL-L-07] follows the subnet of the interface', async () => {
    const { machine, change } = await clientOn(hostBeside(subnet));
    const other = { address: parseIpv4('10.9.0.2')!, length: 16 };
    await change(hostBeside(other));
    expect(machine.dataPlanes).toHaveLength(1);
    expect(machine.dataPlanes[0]!.updates).toContainEqual({ kind: 'local-link', link: { subnet: other } });
  });

  it('pauses while the interface is gone, and begins again when it is back', async () => {
    const { machine, change } = await clientOn(hostBeside(subnet));
    await change(hostBeside());
    expect(machine.dataPlanes).toHaveLength(1);
    expect(machine.dataPlanes[0]!.updates).toContainEqual({ kind: 'local-link', link: undefined });
    await change(hostBeside(subnet));
    expect(machine.dataPlanes.map(({ isStopped }) => isStopped)).toEqual([true, false]);
  });
});
