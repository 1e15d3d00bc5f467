import { formatIpv6, parseIpv4, parseIpv6 } from '@navalis/address';
import { globalIpv6Addresses, type HostAddresses } from '@navalis/life';
import { describe, expect, it } from 'vitest';
import { parseDefaultRoutes, parseIfInet6, readHostAddresses } from '../../src/host/addresses/host-addresses.ts';

/** One line of the kernel's list. */
function line(address: string, flags: number, name = 'eth0'): string {
  const { word0, word1, word2, word3 } = parseIpv6(address)!;
  const hex = [word0, word1, word2, word3].map((word) => word.toString(16).padStart(8, '0')).join('');
  return `${hex} 02 40 00 ${flags.toString(16).padStart(2, '0')} ${name.padStart(8)}\n`;
}

describe('global IPv6 addresses', () => {
  it('are read as the kernel lists them', () => {
    const text = '20010db8000000000000000000000001 02 40 00 80     eth0\n';
    expect(parseIfInet6(text)).toEqual([
      {
        address: parseIpv6('2001:db8::1'),
        interfaceName: 'eth0',
        isTentative: false,
        isDeprecated: false,
        isTemporary: false,
      },
    ]);
    expect(parseIfInet6('')).toEqual([]);
  });

  it.each([
    [0x80, {}],
    [0x40, { isTentative: true }],
    // Duplicate address detection has failed.
    [0x08, { isTentative: true }],
    [0x20, { isDeprecated: true }],
    [0x01, { isTemporary: true }],
    [0x21, { isDeprecated: true, isTemporary: true }],
  ])('[HR-06] are in the states of the flags %i', (flags, states) => {
    const none = { isTentative: false, isDeprecated: false, isTemporary: false };
    expect(parseIfInet6(line('2a00:1::1', flags))).toMatchObject([{ ...none, ...states }]);
  });

  it('[HR-06] are chosen by their states', () => {
    const host = (...flags: readonly number[]): HostAddresses => ({
      ipv4: [],
      ipv6: parseIfInet6(flags.map((each, index) => line(`2a00:1::${index + 1}`, each)).join('')),
      ipv4Gateways: [],
      ipv6Exits: [],
    });
    expect(globalIpv6Addresses(host(0x40, 0x08))).toEqual([]);
    expect(globalIpv6Addresses(host(0x20, 0x01, 0x80)).map(formatIpv6)).toEqual([
      '2a00:1::3',
      '2a00:1::2',
      '2a00:1::1',
    ]);
  });
});

describe('IPv4 addresses of this host', () => {
  it('include loopback with its subnet', () => {
    const loopback = readHostAddresses().ipv4.find((entry) => entry.address === parseIpv4('127.0.0.1'));
    expect(loopback).toMatchObject({ interfaceName: 'lo', prefixLength: 8 });
  });
});

describe('IPv4 default routes', () => {
  it('are read as the kernel lists them, other routes left out', () => {
    const head = 'Iface\tDestination\tGateway \tFlags\tRefCnt\tUse\tMetric\tMask\t\tMTU\tWindow\tIRTT    \n';
    const route = (name: string, destination: string, gateway: string, mask: string) =>
      `${name}\t${destination}\t${gateway}\t0003\t0\t0\t0\t${mask}\t0\t0\t0   \n`;
    const way = route('eth0', '00000000', '010200C0', '00000000');
    const half = route('vpn0', '00000000', '0100000A', '00000080');
    const subnet = route('eth0', '000200C0', '00000000', '00FFFFFF');
    expect(parseDefaultRoutes(head + way + half + subnet)).toEqual(['eth0 010200C0']);
    expect(parseDefaultRoutes('')).toEqual([]);
  });
});
