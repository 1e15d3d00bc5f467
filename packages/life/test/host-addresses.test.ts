import {
  formatIpv4,
  formatIpv6,
  Ipv4Policy,
  type Ipv4Value,
  Ipv6Policy,
  parseIpv4,
  parseIpv6,
  parseIpv6Prefix,
} from '@navalis/address';
import { describe, expect, it } from 'vitest';
import {
  directedBroadcasts,
  globalIpv6Addresses,
  type HostAddresses,
  type HostIpv6Address,
  Ipv4Network,
  ipv4Addresses,
  subnetOf,
  withoutInterface,
} from '../src/index.ts';

const none: HostAddresses = { ipv4: [], ipv6: [], ipv4Gateways: [], ipv6Exits: [] };

function ipv4(text: string): Ipv4Value {
  return parseIpv4(text)!;
}

/** `text`: an address, and the states that it is in. */
function ipv6(text: string): HostIpv6Address {
  const [address = '', ...states] = text.split(' ');
  return {
    address: parseIpv6(address)!,
    interfaceName: 'eth0',
    isTentative: states.includes('tentative'),
    isDeprecated: states.includes('deprecated'),
    isTemporary: states.includes('temporary'),
  };
}

function globals(...texts: readonly string[]): readonly string[] {
  return globalIpv6Addresses({ ...none, ipv6: texts.map(ipv6) }).map(formatIpv6);
}

const [a, b, c, d] = ['2a00:1::1', '2a00:1::2', '2a00:1::3', '2a00:1::4'] as const;

describe('[HR-06] the global IPv6 addresses of a host', () => {
  it('leave out tentative ones, and others than global', () => {
    expect(globals(`${a} tentative`, 'fe80::1', b)).toEqual([b]);
    expect(globals(`${a} tentative`)).toEqual([]);
    expect(globals('fd00::1', '2001:0:c000:201::1')).toEqual([]);
  });

  it.each([
    '2001:0:c000:201::1',
    'fe80::1',
    'fd00::1',
    '::1',
    'ff02::1',
    '64:ff9b::1',
    '4000::1',
    // Ranges that nobody routes: documentation, benchmarks, identifiers.
    '2001:db8::1',
    '3fff::1',
    '2001:2::1',
    '2001:20::1',
  ])('leave out %s', (address) => {
    expect(globals(address)).toEqual([]);
  });

  it.each([a, '2002:808:808::1', '2a00:1::5efe:c000:201', '2a00:1::200:5efe:c000:201'])('include %s', (address) => {
    expect(globals(address)).toEqual([address]);
  });

  it('leave out 6to4 addresses of IPv4 addresses that nobody routes', () => {
    expect(globals('2002:a00:1::1', '2002:f000:1::1', '2002:c612:1::1')).toEqual([]);
    expect(globals('2002:808:808::1')).toEqual(['2002:808:808::1']);
  });

  it('are ordered: preferred before deprecated, then stable before temporary', () => {
    expect(globals(`${a} deprecated temporary`, `${b} deprecated`, `${c} temporary`, d)).toEqual([d, c, b, a]);
    expect(globals(a, b)).toEqual([a, b]);
    expect(globals(`${a} temporary`, b)).toEqual([b, a]);
  });

  it('are none when all are deprecated', () => {
    expect(globals(`${a} deprecated`, `${b} deprecated temporary`)).toEqual([]);
  });

  it('follow the policy', () => {
    const extraGlobal = [parseIpv6Prefix('fd00::/8')!];
    const policy = new Ipv6Policy({ ipv4: new Ipv4Policy({ strictness: 'strict' }), extraGlobal });
    expect(globalIpv6Addresses({ ...none, ipv6: [ipv6('fd00::1')] }, policy)).toEqual([parseIpv6('fd00::1')]);
    const documentation = {
      ipv4: new Ipv4Policy({ strictness: 'strict' }),
      extraGlobal: [parseIpv6Prefix('2001:db8::/32')!],
    };
    const ipv6s = ['2001:db8::1', 'fd00::1'].map(ipv6);
    expect(globalIpv6Addresses({ ...none, ipv6: ipv6s }, new Ipv6Policy(documentation)).map(formatIpv6)).toEqual([
      '2001:db8::1',
    ]);
  });
});

describe('the IPv4 addresses of a host', () => {
  const host: HostAddresses = {
    ipv4: [
      { address: ipv4('198.51.100.7'), prefixLength: 24, interfaceName: 'eth0' },
      { address: ipv4('10.1.2.3'), prefixLength: 30, interfaceName: 'eth1' },
      { address: ipv4('10.1.2.9'), prefixLength: 31, interfaceName: 'eth2' },
      { address: ipv4('10.1.2.11'), prefixLength: 32, interfaceName: 'eth2' },
    ],
    ipv6: [ipv6(a), { ...ipv6(b), interfaceName: 'eth1' }],
    ipv4Gateways: ['eth0 010200C0'],
    ipv6Exits: ['eth0', 'eth1'],
  };

  it('are listed in order', () => {
    expect(ipv4Addresses(host).map(formatIpv4)).toEqual(['198.51.100.7', '10.1.2.3', '10.1.2.9', '10.1.2.11']);
  });

  it('[AD-11] have a directed broadcast address up to a prefix length of 30', () => {
    expect(directedBroadcasts(host)).toEqual([ipv4('198.51.100.255'), ipv4('10.1.2.3')]);
  });

  it('have the subnet of their interface', () => {
    expect(subnetOf(host, 'eth1')).toEqual({ address: ipv4('10.1.2.3'), length: 30 });
    expect(subnetOf(host, 'eth9')).toBeUndefined();
  });

  it('are left out with the default routes of one interface', () => {
    expect(withoutInterface(host, 'eth1')).toEqual({
      ipv4: [host.ipv4[0], host.ipv4[2], host.ipv4[3]],
      ipv6: [ipv6(a)],
      ipv4Gateways: ['eth0 010200C0'],
      ipv6Exits: ['eth0'],
    });
    expect(withoutInterface(host, undefined)).toEqual(host);
  });

  it('change with an address or a gateway, but not at first sight', () => {
    const network = new Ipv4Network();
    expect(network.hasChanged(host)).toBe(false);
    expect(network.hasChanged({ ...host, ipv4: [...host.ipv4] })).toBe(false);
    expect(network.hasChanged({ ...host, ipv6: [] })).toBe(false);
    expect(network.hasChanged({ ...host, ipv4Gateways: [] })).toBe(true);
    expect(network.hasChanged({ ...host, ipv4Gateways: [] })).toBe(false);
    expect(network.hasChanged({ ...host, ipv4: [], ipv4Gateways: [] })).toBe(true);
  });
});
