import { formatIpv6, Ipv4Policy, Ipv6Policy, parseIpv6 } from '@navalis/address';
import { describe, expect, it } from 'vitest';
import type { HostAddresses, HostIpv6Address } from '../src/host/host-addresses.ts';
import { ipv6ConnectivityOf } from '../src/host/ipv6-connectivity.ts';

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
    [
      'a temporary global address before a stable local one',
      ['fd00::1', `${native} eth0 temporary`],
      ['eth0'],
      `${native} eth0`,
    ],
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
