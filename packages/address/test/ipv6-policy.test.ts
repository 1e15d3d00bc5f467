import { Ipv4Policy, Ipv6Policy, parseIpv4Prefix, parseIpv6, parseIpv6Prefix } from '@navalis/address';
import { describe, expect, it } from 'vitest';

const ipv4 = new Ipv4Policy({ strictness: 'strict' });

function classes(policy: Ipv6Policy, texts: readonly string[]): Record<string, string> {
  return Object.fromEntries(
    texts.map((text) => {
      const address = parseIpv6(text)!;
      const kind = policy.classify(address);
      expect(policy.isGlobal(address)).toBe(kind === 'global' || kind === '6to4');
      return [text, kind];
    }),
  );
}

describe('Ipv6Policy', () => {
  it('[SEC-37] refuses addresses that the IPv6 Internet does not route', () => {
    const texts = ['2a00:1::1', '2002:808:808::1', '2002:a00:1::1', '2002:c633:6401::1', '2001:db8::1', '3fff::1'];
    expect(classes(new Ipv6Policy({ ipv4 }), [...texts, '2001:2::1', '2001:20::1', 'fd00::1', '2001::1'])).toEqual({
      '2a00:1::1': 'global',
      '2002:808:808::1': '6to4',
      '2002:a00:1::1': 'reserved',
      '2002:c633:6401::1': 'reserved',
      '2001:db8::1': 'documentation',
      '3fff::1': 'documentation',
      '2001:2::1': 'reserved',
      '2001:20::1': 'reserved',
      'fd00::1': 'unique-local',
      '2001::1': 'teredo',
    });
  });

  it("[SEC-37] admits the laboratory's ranges, and nothing beside them", () => {
    const texts = ['2001:db8:1::/48', 'fd00::/8', '2001:2::/48', '5000::/16', '2002:a00::/24'];
    const extraGlobal = texts.map((text) => parseIpv6Prefix(text)!);
    const inside = ['2001:db8:1::1', 'fdff::1', '2001:2::1', '5000::1', '2002:a00:1::1'];
    const outside = ['2001:db8:2::1', 'fc00::1', '2001:20::1', '5001::1', '2002:b00:1::1', '2002:c0a8:1::1'];
    expect(Object.values(classes(new Ipv6Policy({ ipv4, extraGlobal }), inside))).toEqual([
      'global',
      'global',
      'global',
      'global',
      '6to4',
    ]);
    expect(Object.values(classes(new Ipv6Policy({ ipv4, extraGlobal }), outside))).toEqual([
      'documentation',
      'unique-local',
      'reserved',
      'other',
      '6to4',
      'reserved',
    ]);
  });

  it('[SEC-37] admits other ranges after they were replaced', () => {
    const policy = new Ipv6Policy({ ipv4, extraGlobal: [parseIpv6Prefix('2001:db8::/32')!] });
    policy.replaceExtraGlobal([parseIpv6Prefix('fd00::/8')!]);
    expect(classes(policy, ['2001:db8::1', 'fd00::1'])).toEqual({
      '2001:db8::1': 'documentation',
      'fd00::1': 'global',
    });
  });

  it('never admits addresses that routers do not forward, or Teredo addresses', () => {
    const policy = new Ipv6Policy({ ipv4, extraGlobal: [parseIpv6Prefix('::/0')!] });
    const texts = ['::', '::1', '::ffff:8.8.8.8', '::8.8.8.8', '64:ff9b::808:808', 'ff0e::1', 'fe80::1', '2001::1'];
    expect(Object.values(classes(policy, texts))).toEqual([
      'unspecified',
      'loopback',
      'ipv4-mapped',
      'ipv4-compatible',
      'nat64',
      'multicast',
      'link-local',
      'teredo',
    ]);
  });

  it('applies the IPv4 ranges of the laboratory to 6to4, and the service prefix in use', () => {
    const extra = new Ipv4Policy({ strictness: 'strict', extraGlobal: [parseIpv4Prefix('198.51.100.0/24')!] });
    expect(
      classes(new Ipv6Policy({ ipv4: extra, servicePrefix: 0x2a001234 }), [
        '2002:c633:6401::1',
        '2a00:1234::1',
        '2001::1',
      ]),
    ).toEqual({
      '2002:c633:6401::1': '6to4',
      '2a00:1234::1': 'teredo',
      '2001::1': 'global',
    });
  });
});
