import {
  formatIpv4,
  formatIpv6,
  Ipv4Policy,
  Ipv6Policy,
  parseIpv4,
  parseIpv6,
  parseIpv6Prefix,
} from '@navalis/address';
import { directedBroadcasts, globalIpv6Addresses, type HostAddresses } from '@navalis/life';
import { describe, expect, it } from 'vitest';
import { parseDefaultRoutes, parseIfInet6, readHostAddresses } from '../../src/host/addresses/host-addresses.ts';

/** One line of the kernel's list. */
function line(address: string, flags: number, name = 'eth0'): string {
  const { word0, word1, word2, word3 } = parseIpv6(address)!;
  const hex = [word0, word1, word2, word3].map((word) => word.toString(16).padStart(8, '0')).join('');
  return `${hex} 02 40 00 ${flags.toString(16).padStart(2, '0')} ${name.padStart(8)}\n`;
}

function globals(...lines: readonly string[]): readonly string[] {
  return globalIpv6Addresses({ ipv4: [], ipv6: parseIfInet6(lines.join('')), ipv4Gateways: [], ipv6Exits: [] }).map(
    formatIpv6,
  );
}

const permanent = 0x80;
const tentative = 0x40;
const deprecated = 0x20;
const duplicate = 0x08;
const temporary = 0x01;

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

  it('[HR-06] count inside 2000::/3 only, 6to4 and ISATAP identifiers included, Teredo excluded', () => {
    const counted = ['2a00:1::1', '2002:808:808::1', '2a00:1::5efe:192.0.2.1', '2a00:1::200:5efe:192.0.2.1'];
    const refused = ['2001:0:c000:201::1', 'fe80::1', 'fd00::1', '::1', 'ff02::1', '64:ff9b::1', '4000::1'];
    for (const address of counted) expect(globals(line(address, permanent))).toHaveLength(1);
    // Ranges that nobody routes: documentation, benchmarks, identifiers, 6to4 without a global IPv4 address.
    refused.push('2001:db8::1', '3fff::1', '2001:2::1', '2001:20::1', '2002:a00:1::1');
    for (const address of refused) expect(globals(line(address, permanent))).toEqual([]);
  });

  it("[HR-06] count inside a laboratory's ranges", () => {
    const ipv6 = parseIfInet6(line('2001:db8::1', permanent) + line('fd00::1', permanent));
    const policy = new Ipv6Policy({
      ipv4: new Ipv4Policy({ strictness: 'strict' }),
      extraGlobal: [parseIpv6Prefix('2001:db8::/32')!],
    });
    expect(globalIpv6Addresses({ ipv4: [], ipv6, ipv4Gateways: [], ipv6Exits: [] }, policy).map(formatIpv6)).toEqual([
      '2001:db8::1',
    ]);
  });

  it('[HR-06] do not count while tentative, duplicate, or when all are deprecated', () => {
    expect(globals(line('2a00:1::1', tentative))).toEqual([]);
    expect(globals(line('2a00:1::1', duplicate))).toEqual([]);
    expect(globals(line('2a00:1::1', deprecated), line('2a00:1::2', deprecated))).toEqual([]);
    expect(globals(line('2a00:1::1', deprecated), line('2a00:1::2', 0))).toEqual(['2a00:1::2', '2a00:1::1']);
  });

  it('come with stable ones first', () => {
    expect(globals(line('2a00:1::1', temporary), line('2a00:1::2', permanent))).toEqual(['2a00:1::2', '2a00:1::1']);
  });
});

describe('IPv4 addresses of this host', () => {
  it('include loopback with its subnet', () => {
    const loopback = readHostAddresses().ipv4.find((entry) => entry.address === parseIpv4('127.0.0.1'));
    expect(loopback).toMatchObject({ interfaceName: 'lo', prefixLength: 8 });
  });

  it('give the directed broadcast addresses that their subnets have', () => {
    const entry = { address: parseIpv4('198.51.100.7')!, interfaceName: 'eth0' };
    const host: HostAddresses = {
      ipv4: [
        { ...entry, prefixLength: 24 },
        { ...entry, prefixLength: 31 },
        { ...entry, prefixLength: 32 },
        { ...entry, prefixLength: 30 },
      ],
      ipv6: [],
      ipv4Gateways: [],
      ipv6Exits: [],
    };
    expect(directedBroadcasts(host).map(formatIpv4)).toEqual(['198.51.100.255', '198.51.100.7']);
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
