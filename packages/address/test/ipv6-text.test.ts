import {
  formatIpv6,
  type Ipv6Value,
  ipv6Equals,
  ipv6EqualsAt,
  ipv6PrefixContains,
  parseIpv6,
  parseIpv6Prefix,
  readIpv6,
  writeIpv6,
} from '@navalis/address';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';

const word = fc.oneof(fc.integer({ min: 0, max: 0xffffffff }), fc.constantFrom(0, 1, 0xffff, 0x10000, 0xffff0000));
const ipv6: fc.Arbitrary<Ipv6Value> = fc.record({ word0: word, word1: word, word2: word, word3: word });
const whole = (value: Ipv6Value): bigint =>
  (BigInt(value.word0) << 96n) | (BigInt(value.word1) << 64n) | (BigInt(value.word2) << 32n) | BigInt(value.word3);

describe('IPv6 text', () => {
  it.each([
    ['::', '::'],
    ['::1', '::1'],
    ['2001:DB8:0:0:0:0:0:1', '2001:db8::1'],
    ['2001:db8:0:1:1:1:1:1', '2001:db8:0:1:1:1:1:1'],
    ['2001:0:0:1:0:0:0:1', '2001:0:0:1::1'],
    ['2001:db8:0:0:1:0:0:1', '2001:db8::1:0:0:1'],
    ['1::', '1::'],
    ['1:2:3:4:5:6:7::', '1:2:3:4:5:6:7:0'],
    ['::2:3:4:5:6:7:8', '0:2:3:4:5:6:7:8'],
    ['::ffff:c000:201', '::ffff:192.0.2.1'],
    ['64:ff9b::192.0.2.33', '64:ff9b::c000:221'],
    ['0001:0023:0456:7890::', '1:23:456:7890::'],
    ['1::ffff:192.0.2.1', '1::ffff:c000:201'],
    ['0:0:1:0:0:ffff:192.0.2.1', '::1:0:0:ffff:c000:201'],
    ['1:2:3:4:5:6:192.0.2.1', '1:2:3:4:5:6:c000:201'],
  ])('writes %s as %s (RFC 5952)', (text, canonical) => {
    expect(formatIpv6(parseIpv6(text)!)).toBe(canonical);
  });

  it('refuses text that is not an address', () => {
    const wrong = [
      '',
      ':',
      ':::',
      '1:2:3:4:5:6:7',
      '1:2:3:4:5:6:7:8:9',
      '1::2::3',
      '1:2:3:4:5:6:7::8',
      'g::',
      '12345::',
    ];
    for (const text of [
      ...wrong,
      'fe80::1%eth0',
      ' ::',
      '1.2.3.4',
      '1.2.3.4::',
      '::1.2.3.4:5',
      '::1.2.3',
      '1:',
      ':1',
    ]) {
      expect(parseIpv6(text), text).toBeUndefined();
    }
  });

  it('reads back what it writes', () => {
    fc.assert(fc.property(ipv6, (value) => ipv6Equals(parseIpv6(formatIpv6(value))!, value)));
  });

  it('returns undefined or a value for any text', () => {
    const text = fc.string({ unit: fc.constantFrom(':', '::', '0', '1', 'ffff', '.', '1.2.3.4', '/', 'x') });
    fc.assert(
      fc.property(text, (candidate) => {
        const value = parseIpv6(candidate);
        return value === undefined || ipv6Equals(parseIpv6(formatIpv6(value))!, value);
      }),
      { numRuns: 1000 },
    );
  });
});

describe('IPv6 octets', () => {
  it('reads back 16 octets in network order', () => {
    const bytes = new Uint8Array(20);
    writeIpv6(bytes, 3, parseIpv6('2001:0:cb00:7178:0:efff:3fff:fdfe')!);
    expect([...bytes.subarray(3, 8)]).toEqual([0x20, 0x01, 0, 0, 0xcb]);
    fc.assert(
      fc.property(ipv6, ipv6, (value, other) => {
        writeIpv6(bytes, 2, value);
        expect(readIpv6(bytes, 2)).toEqual(value);
        expect(ipv6EqualsAt(bytes, 2, value)).toBe(true);
        expect(ipv6EqualsAt(bytes, 2, other)).toBe(ipv6Equals(value, other));
      }),
    );
  });

  it('compares all 128 bits', () => {
    const value = parseIpv6('2001:0:cb00:7178:3c5a:efff:3fff:fdfe')!;
    for (const name of ['word0', 'word1', 'word2', 'word3'] as const) {
      expect(ipv6Equals(value, { ...value, [name]: (value[name] ^ 0x80000000) >>> 0 })).toBe(false);
      expect(ipv6Equals(value, { ...value, [name]: (value[name] ^ 1) >>> 0 })).toBe(false);
    }
    expect(ipv6Equals(value, { ...value })).toBe(true);
  });
});

describe('IPv6 prefixes', () => {
  it('reads a prefix, or an address as a prefix of 128', () => {
    expect(parseIpv6Prefix('2001::/32')).toEqual({ address: parseIpv6('2001::'), length: 32 });
    expect(parseIpv6Prefix('::1')).toEqual({ address: parseIpv6('::1'), length: 128 });
    for (const length of [0, 1, 9, 64, 127, 128]) {
      expect(parseIpv6Prefix(`::/${length}`)).toEqual({ address: parseIpv6('::'), length });
    }
    for (const text of ['::/129', '::/', '::/1/2', '1:2/8', '::/064', '::/-1']) {
      expect(parseIpv6Prefix(text), text).toBeUndefined();
    }
  });

  it('of every length compare their last bit and not the next', () => {
    const address = parseIpv6('2001:db8:a5a5:5a5a:a5a5:5a5a:a5a5:5a5a')!;
    const bytes = new Uint8Array(16);
    for (let length = 0; length <= 128; length++) {
      for (let flipped = 0; flipped < 128; flipped++) {
        writeIpv6(bytes, 0, address);
        bytes[flipped >> 3]! ^= 0x80 >> (flipped & 7);
        const contains = ipv6PrefixContains({ address, length }, readIpv6(bytes, 0));
        if (contains !== flipped >= length) expect.fail(`length ${length}, bit ${flipped}`);
      }
    }
  });

  it('contains exactly the addresses that agree in its first bits', () => {
    fc.assert(
      fc.property(ipv6, ipv6, fc.integer({ min: 0, max: 128 }), fc.nat(127), (address, other, length, flipped) => {
        const shift = BigInt(128 - length);
        expect(ipv6PrefixContains({ address, length }, other)).toBe(whole(address) >> shift === whole(other) >> shift);
        const bytes = new Uint8Array(16);
        writeIpv6(bytes, 0, address);
        bytes[flipped >> 3]! ^= 0x80 >> (flipped & 7);
        expect(ipv6PrefixContains({ address, length }, readIpv6(bytes, 0))).toBe(flipped >= length);
      }),
    );
  });
});
