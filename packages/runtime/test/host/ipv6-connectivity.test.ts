import { formatIpv6, Ipv4Policy, Ipv6Policy, parseIpv6 } from '@navalis/address';
import { describe, expect, it } from 'vitest';
import type { HostAddresses, HostIpv6Address } from '../../src/host/addresses/host-addresses.ts';
import { ipv6ConnectivityOf } from '../../src/host/addresses/ipv6-connectivity.ts';
import { parseIpv6Exits } from '../../src/host/addresses/ipv6-exits.ts';

const policy = new Ipv6Policy({ ipv4: new Ipv4Policy({ strictness: 'strict' }) });

/** `text`: an address, and after it the interface and what its state is, if not eth0 and preferred. */
function addressOf(text: string): HostIpv6Address {
  const [address = '', interfaceName = 'eth0', state = ''] = text.split(' ');
  return {
    address: parseIpv6(address)!,
    interfaceName,
    isTentative: state === 'tentative',
    isDeprecated: state === 'deprecated',
    isTemporary: state === 'temporary',
  };
}

function connectivity(addresses: readonly string[], ipv6Exits: readonly string[]): string | undefined {
  const host: HostAddresses = { ipv4: [], ipv4Gateways: [], ipv6: addresses.map(addressOf), ipv6Exits };
  const found = ipv6ConnectivityOf(host, policy);
  return found && [formatIpv6(found.address), ...(found.exit === undefined ? [] : [found.exit])].join(' ');
}

const native = '2a00:1::1';

describe('[CL-U-15] IPv6 connectivity without Teredo', () => {
  it.each([
    ['a global address and a default route', [native], ['eth0'], `${native} eth0`],
    ['several, the stable one first', ['2a00:1::2 eth0 temporary', 'fd00::1', native], ['eth0'], `${native} eth0`],
    ['a public 6to4 address with a default route', ['2002:808:808::1'], ['eth0'], '2002:808:808::1 eth0'],
    ['a router with its address on lo', ['fe80::1', `${native} lo`], ['eth0'], `${native} eth0`],
    ['a unique local address with a default route', ['fd00::1'], ['eth0'], 'fd00::1 eth0'],
    ['a VPN for everything', ['fd00::1 wg0', 'fe80::1'], ['wg0'], 'fd00::1 wg0'],
    ['more routes than are read', [native], ['*'], native],
    ['a second way out', ['fe80::1', `${native} eth1`], ['eth0', 'eth1'], `${native} eth1`],
  ])('is there with %s', (_, addresses, exits, expected) => {
    expect(connectivity(addresses, exits)).toBe(expected);
  });

  it.each([
    ['nothing', [], []],
    ['a global address without a default route', [native], []],
    ['a global address on lo without a default route', [`${native} lo`], []],
    ['a VPN with one prefix', [`${native} wg0`], []],
    ['a VPN with one prefix beside a router without addresses', [`${native} wg0`, 'fe80::1'], ['eth0']],
    ['a default route and link-local addresses', ['fe80::1'], ['eth0']],
    ['a default route without any address', [], ['eth0']],
    ['a unique local address without a default route', ['fd00::1'], []],
    ['a unique local address of another interface', ['fd00::1 eth1', 'fe80::1'], ['eth0']],
    ['documentation addresses', ['2001:db8::1', '3fff::1'], ['eth0']],
    ['an ORCHID', ['2001:20::1', '2001:2f::1'], ['eth0']],
    ['a benchmarking address', ['2001:2::1'], ['eth0']],
    ['a 6to4 address around a private one', ['2002:a00:1::1', '2002:c0a8:101::1'], ['eth0']],
    ['a Teredo address of another client', ['2001:0:808:808::1 teredo1'], ['teredo1']],
    ['a tentative address', [`${native} eth0 tentative`], ['eth0']],
    ['deprecated addresses', [`${native} eth0 deprecated`], ['eth0']],
  ])('is not there with %s', (_, addresses, exits) => {
    expect(connectivity(addresses, exits)).toBeUndefined();
  });
});

/** A line of /proc/net/ipv6_route. */
function route(destination: string, length: number, name: string, flags = 0x3): string {
  const { word0, word1, word2, word3 } = parseIpv6(destination)!;
  const hex = [word0, word1, word2, word3].map((word) => word.toString(16).padStart(8, '0')).join('');
  const zero = '0'.repeat(32);
  const rest = `00000400 00000001 00000000 ${flags.toString(16).padStart(8, '0')}`;
  return `${hex} ${length.toString(16).padStart(2, '0')} ${zero} 00 ${zero} ${rest} ${name.padStart(8)}\n`;
}

describe('[CL-U-15] ways out of this host', () => {
  const exitsOf = (...lines: readonly string[]) => parseIpv6Exits(lines.join(''), true, (name) => name !== 'dark0');

  it('are the default routes, each interface once', () => {
    expect(exitsOf(route('fe80::', 64, 'eth0'), route('::', 0, 'eth1'), route('::', 0, 'eth1'))).toEqual(['eth1']);
  });

  it('are the halves and the eighth that VPNs set, too, and nothing smaller', () => {
    expect(exitsOf(route('::', 1, 'wg0'), route('8000::', 1, 'wg1'))).toEqual(['wg0']);
    expect(exitsOf(route('2000::', 3, 'sit1'), route('2000::', 4, 'a'), route('4000::', 3, 'b'))).toEqual(['sit1']);
    expect(exitsOf(route('2a00::', 12, 'wg0'))).toEqual([]);
  });

  it('are not what rejects, what has no carrier, and lo', () => {
    expect(exitsOf(route('::', 0, 'lo', 0x00200200), route('::', 0, 'eth0', 0x200))).toEqual([]);
    expect(exitsOf(route('::', 0, 'dark0'), route('::', 0, 'lo'))).toEqual([]);
  });

  it('are taken for granted where the table is too long to be read', () => {
    expect(parseIpv6Exits(route('2a00::', 32, 'eth0'), false, () => true)).toEqual(['*']);
    expect(parseIpv6Exits('', true, () => true)).toEqual([]);
  });
});
