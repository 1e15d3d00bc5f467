import { formatIpv4, ipv4PrefixContains, parseIpv4, parseIpv4Prefix } from '@navalis/address';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';

const ipv4 = fc.integer({ min: 0, max: 0xffffffff });

describe('IPv4 text', () => {
  it('reads dotted decimal as an unsigned number', () => {
    expect(parseIpv4('192.0.2.1')).toBe(0xc0000201);
    expect(parseIpv4('255.255.255.255')).toBe(0xffffffff);
    expect(formatIpv4(0xcb007178)).toBe('203.0.113.120');
  });

  it('refuses everything else', () => {
    for (const text of [
      '',
      '1.2.3',
      '1.2.3.4.5',
      '256.1.1.1',
      '01.2.3.4',
      '1.2.3.4 ',
      ' 1.2.3.4',
      '1..2.3',
      '0x1.2.3.4',
      '1e1.2.3.4',
      '-1.2.3.4',
    ]) {
      expect(parseIpv4(text), text).toBeUndefined();
    }
  });

  it('reads back what it writes', () => {
    fc.assert(fc.property(ipv4, (value) => parseIpv4(formatIpv4(value)) === value));
  });

  it('returns undefined or a value for any text', () => {
    fc.assert(
      fc.property(fc.string(), (text) => {
        const value = parseIpv4(text);
        return value === undefined || formatIpv4(value) === text;
      }),
    );
  });
});

describe('IPv4 prefixes', () => {
  it('reads a prefix, or an address as a prefix of 32', () => {
    expect(parseIpv4Prefix('198.51.100.0/24')).toEqual({ address: 0xc6336400, length: 24 });
    expect(parseIpv4Prefix('198.51.100.7')).toEqual({ address: 0xc6336407, length: 32 });
    for (const length of [0, 1, 9, 31, 32]) {
      expect(parseIpv4Prefix(`1.2.3.4/${length}`)).toEqual({ address: 0x01020304, length });
    }
    for (const text of ['1.2.3.4/33', '1.2.3.4/', '1.2.3.4/1/2', '1.2.3/8', '1.2.3.4/08', '1.2.3.4/-1']) {
      expect(parseIpv4Prefix(text), text).toBeUndefined();
    }
  });

  it('contains exactly the addresses that agree in its first bits', () => {
    fc.assert(
      fc.property(ipv4, ipv4, fc.integer({ min: 0, max: 32 }), (address, value, length) => {
        const shift = 2n ** BigInt(32 - length);
        const expected = BigInt(address) / shift === BigInt(value) / shift;
        expect(ipv4PrefixContains({ address, length }, value)).toBe(expected);
        expect(ipv4PrefixContains({ address, length }, address)).toBe(true);
      }),
    );
  });
});
