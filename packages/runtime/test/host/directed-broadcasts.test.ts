import { parseIpv4 } from '@navalis/address';
import { loadConfiguration, type Role } from '@navalis/config';
import type { HostAddresses } from '@navalis/life';
import { expect, it } from 'vitest';
import { createControl } from '../../src/program/create-control.ts';
import { FakeMachine, hostWith } from '../fakes.ts';

const native = '2a00:1::1';

/** A host whose subnet has changed. */
function moved(): HostAddresses {
  const subnet = { address: parseIpv4('10.7.0.9')!, prefixLength: 16, interfaceName: 'eth0' };
  return { ...hostWith(native), ipv4: [subnet] };
}

it.each<[Role, Readonly<Record<string, string>>]>([
  ['client', { server: '8.8.8.8', 'bind-address': '198.51.100.7', 'native-ipv6': 'ignore' }],
  ['server', { 'primary-address': '8.8.8.8' }],
  ['relay', {}],
  ['host-relay', {}],
])(
  '[AD-11] a %s tells its data plane the directed broadcast addresses of the host, and each change',
  async (role, values) => {
    const machine = new FakeMachine();
    machine.host = hostWith(native);
    const raw = new Map(Object.entries(values).map(([key, value]) => [key, { value, source: 'flag' as const }]));
    const configuration = loadConfiguration(role, { config: '/dev/null', values: raw });
    const control = createControl(configuration, await machine.context());
    await control.start();
    const [dataPlane] = machine.dataPlanes;
    expect(dataPlane!.settings.directedBroadcasts).toEqual([parseIpv4('198.51.100.255')]);
    expect(dataPlane!.broadcasts).toBeUndefined();
    machine.host = moved();
    control.hostChanged(moved());
    await control.status();
    expect(dataPlane!.broadcasts).toEqual([parseIpv4('10.7.255.255')]);
    await control.stop();
  },
);
