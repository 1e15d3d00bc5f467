import { classifyIpv6, formatIpv4, isatapIpv4, parseIpv6, sixToFourIpv4 } from '@navalis/address';
import { describe, expect, it } from 'vitest';

describe('classifyIpv6', () => {
  it.each([
    ['::', 'unspecified'],
    ['::1', 'loopback'],
    ['::2', 'ipv4-compatible'],
    ['::192.0.2.1', 'ipv4-compatible'],
    ['::ffff:192.0.2.1', 'ipv4-mapped'],
    ['::1:0:0', 'other'],
    ['64:ff9b::1.2.3.4', 'nat64'],
    ['64:ff9b:1::1', 'nat64'],
    ['64:ff9b:0:1::', 'other'],
    ['64:ff9b::1:0:0', 'other'],
    ['64:ff9b:2::1', 'other'],
    ['0:0:1::1', 'other'],
    ['0:1::', 'other'],
    ['100::1', 'other'],
    ['2001::1', 'teredo'],
    ['2001:0:ffff:ffff:ffff:ffff:ffff:ffff', 'teredo'],
    ['2001:1::', 'global'],
    ['2000:ffff::', 'global'],
    ['2001:db8::1', 'documentation'],
    ['2001:db7:ffff::', 'global'],
    ['2001:2::1', 'reserved'],
    ['2001:2:0:ffff::', 'reserved'],
    ['2001:2:1::', 'global'],
    ['2001:f:ffff::', 'global'],
    ['2001:10::', 'reserved'],
    ['2001:1f:ffff::', 'reserved'],
    ['2001:20::', 'reserved'],
    ['2001:2f:ffff::', 'reserved'],
    ['2001:30::', 'global'],
    ['3fff:fff:ffff::', 'documentation'],
    ['3fff:1000::', 'global'],
    ['2002:c000:201::1', '6to4'],
    ['2003::', 'global'],
    ['3fff:ffff::', 'global'],
    ['4000::', 'other'],
    ['1fff:ffff::', 'other'],
    ['fc00::1', 'unique-local'],
    ['fdff::1', 'unique-local'],
    ['fbff::', 'other'],
    ['fe80::1', 'link-local'],
    ['febf:ffff::1', 'link-local'],
    ['fec0::1', 'other'],
    ['fe7f::', 'other'],
    ['ff02::2', 'multicast'],
    ['ff0e::1', 'multicast'],
  ])('%s is %s', (text, expected) => {
    const value = parseIpv6(text)!;
    expect(classifyIpv6(value)).toBe(expected);
  });

  it('[WF-31] uses another service prefix only when it is given, the historic one included', () => {
    const historic = parseIpv6('3ffe:831f::1')!;
    expect(classifyIpv6(historic)).toBe('global');
    expect(classifyIpv6(historic, 0x3ffe831f)).toBe('teredo');
    expect(classifyIpv6(parseIpv6('2001::1')!, 0x3ffe831f)).toBe('global');
  });
});

describe('IPv4 addresses inside IPv6 addresses', () => {
  it('are extracted from 6to4 addresses', () => {
    expect(sixToFourIpv4(parseIpv6('2002:cb00:7178::1')!)).toBe(0xcb007178);
    expect(sixToFourIpv4(parseIpv6('2003:cb00:7178::1')!)).toBeUndefined();
  });

  it('are extracted from ISATAP identifiers under any prefix', () => {
    for (const text of ['fe80::5efe:203.0.113.120', '2a00::200:5efe:203.0.113.120']) {
      expect(formatIpv4(isatapIpv4(parseIpv6(text)!)!), text).toBe('203.0.113.120');
    }
    for (const text of ['fe80::100:5efe:203.0.113.120', 'fe80::5eff:203.0.113.120']) {
      expect(isatapIpv4(parseIpv6(text)!), text).toBeUndefined();
    }
  });
});
