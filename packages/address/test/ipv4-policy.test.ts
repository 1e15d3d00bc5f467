import { formatIpv4, Ipv4Policy, parseIpv4, parseIpv4Prefix } from '@navalis/address';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';

const rfc4380Ranges = [
  ['0.0.0.0', '0.255.255.255'],
  ['10.0.0.0', '10.255.255.255'],
  ['127.0.0.0', '127.255.255.255'],
  ['169.254.0.0', '169.254.255.255'],
  ['172.16.0.0', '172.31.255.255'],
  ['192.88.99.0', '192.88.99.255'],
  ['192.168.0.0', '192.168.255.255'],
  ['224.0.0.0', '239.255.255.255'],
  ['255.255.255.255', '255.255.255.255'],
] as const;

const reservedRanges = [
  ['100.64.0.0', '100.127.255.255'],
  ['192.0.0.0', '192.0.0.255'],
  ['192.0.2.0', '192.0.2.255'],
  ['198.18.0.0', '198.19.255.255'],
  ['198.51.100.0', '198.51.100.255'],
  ['203.0.113.0', '203.0.113.255'],
  ['240.0.0.0', '255.255.255.254'],
] as const;

const value = (text: string): number => parseIpv4(text)!;
const isRefused = (policy: Ipv4Policy, address: number): boolean => !policy.isGlobalUnicast(address);

/** The addresses just outside a range that lie in no other range of the list. */
function neighbours(range: readonly [string, string], all: readonly (readonly [string, string])[]): number[] {
  return [value(range[0]) - 1, value(range[1]) + 1].filter(
    (address) =>
      address >= 0 &&
      address <= 0xffffffff &&
      !all.some(([first, last]) => address >= value(first) && address <= value(last)),
  );
}

describe('Ipv4Policy', () => {
  const rfc4380 = new Ipv4Policy({ strictness: 'rfc4380' });
  const strict = new Ipv4Policy({ strictness: 'strict' });

  it.each(rfc4380Ranges)('[AD-10] refuses %s to %s and not its neighbours', (...range) => {
    expect(isRefused(rfc4380, value(range[0]))).toBe(true);
    expect(isRefused(rfc4380, value(range[1]))).toBe(true);
    const outside = neighbours(range, rfc4380Ranges);
    // The first and the last address of all have one neighbour.
    expect(outside).toHaveLength(['0.0.0.0', '255.255.255.255'].includes(range[0]) ? 1 : 2);
    for (const address of outside) {
      expect(isRefused(rfc4380, address), formatIpv4(address)).toBe(false);
    }
  });

  it.each(reservedRanges)('[AD-12] the strict set refuses %s to %s, that of RFC 4380 does not', (...range) => {
    for (const address of [value(range[0]), value(range[1])]) {
      expect(isRefused(strict, address)).toBe(true);
      expect(isRefused(rfc4380, address)).toBe(false);
    }
    const outside = neighbours(range, [...rfc4380Ranges, ...reservedRanges]);
    // Class E lies between multicast and the broadcast address.
    expect(outside).toHaveLength(range[0] === '240.0.0.0' ? 0 : 2);
    for (const address of outside) {
      expect(isRefused(strict, address), formatIpv4(address)).toBe(false);
    }
  });

  it('[AD-12] the strict set includes that of RFC 4380', () => {
    for (const range of rfc4380Ranges)
      for (const text of range) expect(isRefused(strict, value(text)), text).toBe(true);
  });

  it('[AD-12] re-admits laboratory ranges and nothing beside them', () => {
    const policy = new Ipv4Policy({
      strictness: 'strict',
      extraGlobal: [parseIpv4Prefix('198.51.100.0/25')!, parseIpv4Prefix('10.1.0.0/16')!],
    });
    for (const text of ['198.51.100.0', '198.51.100.127', '10.1.0.1']) {
      expect(policy.isGlobalUnicast(value(text)), text).toBe(true);
    }
    for (const text of ['198.51.100.128', '10.2.0.1', '203.0.113.1']) {
      expect(policy.isGlobalUnicast(value(text)), text).toBe(false);
    }
  });

  it('[AD-10] never re-admits 0/8, multicast or broadcast', () => {
    const policy = new Ipv4Policy({ strictness: 'strict', extraGlobal: [{ address: 0, length: 0 }] });
    for (const text of ['0.0.0.1', '224.0.0.253', '239.255.255.255', '255.255.255.255']) {
      expect(policy.isGlobalUnicast(value(text)), text).toBe(false);
    }
    expect(policy.isGlobalUnicast(value('10.0.0.1'))).toBe(true);
  });

  it('[AD-11] refuses directed broadcasts of own subnets while the host has them, also in re-admitted ranges', () => {
    const policy = new Ipv4Policy({ strictness: 'strict', extraGlobal: [parseIpv4Prefix('198.51.100.0/24')!] });
    const broadcast = value('198.51.100.255');
    expect(policy.isGlobalUnicast(broadcast)).toBe(true);
    policy.replaceDirectedBroadcasts([broadcast]);
    expect(policy.isGlobalUnicast(broadcast)).toBe(false);
    expect(policy.isGlobalUnicast(broadcast - 1)).toBe(true);
    policy.replaceDirectedBroadcasts([]);
    expect(policy.isGlobalUnicast(broadcast)).toBe(true);
  });

  it('[AD-10] re-admits other ranges after they were replaced', () => {
    const policy = new Ipv4Policy({ strictness: 'strict', extraGlobal: [parseIpv4Prefix('198.51.100.0/24')!] });
    policy.replaceExtraGlobal([parseIpv4Prefix('203.0.113.0/24')!]);
    expect(['198.51.100.1', '203.0.113.1'].map((text) => policy.isGlobalUnicast(value(text)))).toEqual([false, true]);
  });

  it('[AD-10][AD-12] agrees with a search of all ranges on every address, whatever is re-admitted', () => {
    const lies = (address: number, [from, to]: readonly [string, string]) =>
      value(from) <= address && address <= value(to);
    const never = [rfc4380Ranges[0], rfc4380Ranges[7], rfc4380Ranges[8]];
    const prefix = fc.record({ address: fc.nat(0xffffffff), length: fc.integer({ min: 0, max: 32 }) });
    fc.assert(
      fc.property(
        fc.array(prefix, { maxLength: 4 }),
        fc.array(fc.nat(0xffffffff), { minLength: 50 }),
        (extra, drawn) => {
          const policy = new Ipv4Policy({ strictness: 'strict', extraGlobal: extra });
          for (const address of [...drawn, ...extra.map((each) => each.address)]) {
            const isExtra = extra.some((each) => sameBits(address, each.address, each.length));
            const isReserved = [...rfc4380Ranges, ...reservedRanges].some((range) => lies(address, range));
            const expected = !never.some((range) => lies(address, range)) && (!isReserved || isExtra);
            expect(policy.isGlobalUnicast(address), formatIpv4(address)).toBe(expected);
          }
        },
      ),
    );
  });
});

function sameBits(left: number, right: number, length: number): boolean {
  return left.toString(2).padStart(32, '0').slice(0, length) === right.toString(2).padStart(32, '0').slice(0, length);
}

describe('[HP-17] an address of another host', () => {
  const policy = new Ipv4Policy({ strictness: 'strict' });
  const foreign = [
    ['0.0.0.0', '0.255.255.255'],
    ['127.0.0.0', '127.255.255.255'],
    ['169.254.0.0', '169.254.255.255'],
    ['224.0.0.0', '255.255.255.255'],
  ] as const;

  it('is global or private', () => {
    for (const text of ['10.0.0.1', '100.64.0.1', '172.16.0.1', '192.168.1.1', '8.8.8.8', '198.51.100.1']) {
      expect([text, policy.isHostAddress(value(text))]).toEqual([text, true]);
    }
    for (const text of [
      '1.0.0.0',
      '126.255.255.255',
      '128.0.0.0',
      '169.253.255.255',
      '169.255.0.0',
      '223.255.255.255',
    ]) {
      expect([text, policy.isHostAddress(value(text))]).toEqual([text, true]);
    }
  });

  it('is neither loopback, link-local, multicast nor reserved, up to the ends of these ranges', () => {
    for (const [first, last] of foreign) {
      expect([first, policy.isHostAddress(value(first))]).toEqual([first, false]);
      expect([last, policy.isHostAddress(value(last))]).toEqual([last, false]);
    }
    for (const text of ['127.128.0.0', '169.254.128.0', '239.255.255.255', '240.0.0.0', '248.0.0.0']) {
      expect([text, policy.isHostAddress(value(text))]).toEqual([text, false]);
    }
  });

  it('is no directed broadcast address of the own subnets', () => {
    const own = new Ipv4Policy({ strictness: 'strict' });
    own.replaceDirectedBroadcasts([value('192.168.1.255')]);
    expect(['192.168.1.255', '192.168.1.254'].map((text) => own.isHostAddress(value(text)))).toEqual([false, true]);
  });
});
