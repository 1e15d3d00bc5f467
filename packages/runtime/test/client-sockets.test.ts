import { parseIpv4 } from '@navalis/address';
import { type ClientConfiguration, loadConfiguration } from '@navalis/config';
import { describe, expect, it } from 'vitest';
import { ClientControl } from '../src/control/client-control.ts';
import type { HostAddresses } from '../src/host/host-addresses.ts';
import { FakeMachine, hostWith } from './fakes.ts';

const subnet = { address: parseIpv4('10.0.0.2')!, length: 24 };

/** A host with an uplink, and with the interface of the local discovery when it has an address. */
function hostBeside(link?: { readonly address: number; readonly length: number }): HostAddresses {
  const host = hostWith();
  if (link === undefined) return host;
  const entry = { address: link.address, prefixLength: link.length, interfaceName: 'lan0' };
  return { ...host, ipv4: [...host.ipv4, entry] };
}

async function clientOn(host: HostAddresses, discovery: string = 'lan0', more: Readonly<Record<string, string>> = {}) {
  const machine = new FakeMachine();
  machine.host = host;
  const all = { server: '8.8.8.8', 'bind-address': '198.51.100.7', 'local-discovery': discovery, ...more };
  const raw = new Map(Object.entries(all).map(([key, value]) => [key, { value, source: 'flag' as const }]));
  const configuration = loadConfiguration('client', { config: '/dev/null', values: raw }) as ClientConfiguration;
  const control = new ClientControl(configuration, await machine.context());
  await control.start();
  return {
    machine,
    async change(to: HostAddresses) {
      machine.host = to;
      control.hostChanged(to);
      // A renewal is enqueued behind the change that asks for it.
      for (let turn = 0; turn < 3; turn++) await control.status();
    },
  };
}

it('[CL-D-01] a refresh interval that is to be determined needs a socket of its own, and only that', async () => {
  const { machine } = await clientOn(hostBeside(), 'off', { 'refresh-interval': 'determine' });
  const { devices, engine } = machine.dataPlanes[0]!.settings;
  expect(devices.sockets).toMatchObject([{ role: 'service' }, { role: 'secondary-port', endpoint: { port: 0 } }]);
  expect(engine).toMatchObject({ refreshIntervalMs: undefined });
});

describe('local discovery', () => {
  it('[CL-L-01] opens nothing for it when it is off', async () => {
    const { machine } = await clientOn(hostBeside(subnet), 'off');
    expect(machine.dataPlanes[0]!.settings.devices.sockets).toHaveLength(1);
    expect(machine.dataPlanes[0]!.settings.devices.sockets[0]!.multicastInterface).toBeUndefined();
    expect(machine.dataPlanes[0]!.settings.engine).toMatchObject({ localLink: undefined });
  });

  it('[CL-L-02] has a socket of its own on the interface of the key', async () => {
    const { machine } = await clientOn(hostBeside(subnet));
    const [dataPlane] = machine.dataPlanes;
    expect(dataPlane!.settings.devices.sockets).toMatchObject([
      { role: 'service', multicastInterface: 'lan0' },
      { role: 'discovery', endpoint: { address: parseIpv4('224.0.0.253'), port: 3544 }, multicastInterface: 'lan0' },
    ]);
    expect(dataPlane!.settings.engine).toMatchObject({ localLink: { subnet } });
  });

  it('says so when the interface is not there, and opens the sockets when it is', async () => {
    const { machine, change } = await clientOn(hostBeside());
    expect(machine.log).toContain(
      'Interface lan0 of key local-discovery has no IPv4 address: other clients on its link are looked for when it has one.',
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

  it('pauses while the interface is gone, and begins anew when it is back', async () => {
    const { machine, change } = await clientOn(hostBeside(subnet));
    await change(hostBeside());
    expect(machine.dataPlanes).toHaveLength(1);
    expect(machine.dataPlanes[0]!.updates).toContainEqual({ kind: 'local-link', link: undefined });
    await change(hostBeside(subnet));
    expect(machine.dataPlanes.map(({ isStopped }) => isStopped)).toEqual([true, false]);
  });
});
