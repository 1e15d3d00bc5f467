import { formatIpv4, formatIpv6, parseTeredoAddress } from '@navalis/address';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';

describe('parseTeredoAddress', () => {
  it.each([
    ['2001:0:cb00:7178:0:efff:3fff:fdfe', '203.0.113.120', 0x0000, false, '192.0.2.1', 4096],
    ['2001:0:c633:6476:0:dfff:3fff:fdf5', '198.51.100.118', 0x0000, false, '192.0.2.10', 8192],
    ['2001:0:cb00:7178:3c5a:efff:3fff:fdfe', '203.0.113.120', 0x3c5a, false, '192.0.2.1', 4096],
    // Cone bit set, as a client of RFC 4380 alone sets it.
    ['2001:0:4136:e378:8000:63bf:3fff:fdd2', '65.54.227.120', 0x8000, true, '192.0.2.45', 40_000],
    ['2001:0:ffff:ffff:ffff:ffff:ffff:ffff', '255.255.255.255', 0xffff, true, '0.0.0.0', 0],
    ['2001::', '0.0.0.0', 0x0000, false, '255.255.255.255', 65_535],
  ])('[AD-01][AD-04] reads %s', (text, server, flags, isCone, mapped, port) => {
    const fields = parseTeredoAddress(text)!;
    expect(formatIpv6(fields.value)).toBe(text);
    expect(formatIpv4(fields.server)).toBe(server);
    expect(fields.flags).toBe(flags);
    expect(fields.isCone).toBe(isCone);
    expect(formatIpv4(fields.mapped.address)).toBe(mapped);
    expect(fields.mapped.port).toBe(port);
  });

  it.each([
    '2001:0000:CB00:7178:0000:EFFF:3FFF:FDFE',
    '2001::cb00:7178:0:efff:3fff:fdfe',
    '2001:0:cb00:7178:0:efff:63.255.253.254',
  ])('reads any notation: %s', (text) => {
    expect(parseTeredoAddress(text)).toEqual(parseTeredoAddress('2001:0:cb00:7178:0:efff:3fff:fdfe'));
  });

  it.each([
    ['nothing', ''],
    ['no address', 'teredo'],
    ['an IPv4 address', '192.0.2.1'],
    ['a prefix', '2001::/32'],
    ['a zone', '2001:0:cb00:7178:0:efff:3fff:fdfe%teredo'],
    ['brackets', '[2001:0:cb00:7178:0:efff:3fff:fdfe]'],
    ['a space', ' 2001:0:cb00:7178:0:efff:3fff:fdfe'],
    ['too many groups', '2001:0:cb00:7178:0:efff:3fff:fdfe:0'],
    ['another prefix', '2001:1:cb00:7178:0:efff:3fff:fdfe'],
    ['a link-local address with a Teredo identifier', 'fe80::8000:f227:34ff:8e87'],
    ['the historic prefix [WF-31]', '3ffe:831f:cb00:7178:0:efff:3fff:fdfe'],
  ])('returns undefined for %s', (_, text) => {
    expect(parseTeredoAddress(text)).toBeUndefined();
  });

  it('reads another service prefix when it is given, and then only that one', () => {
    const fields = parseTeredoAddress('3ffe:831f:cb00:7178:0:efff:3fff:fdfe', 0x3ffe831f)!;
    expect(formatIpv4(fields.server)).toBe('203.0.113.120');
    expect(parseTeredoAddress('2001:0:cb00:7178:0:efff:3fff:fdfe', 0x3ffe831f)).toBeUndefined();
  });

  it('returns undefined or fields of the right size for any text, and never throws', () => {
    const group = fc.integer({ min: 0, max: 0xffff }).map((value) => value.toString(16));
    const teredo = fc.array(group, { minLength: 6, maxLength: 6 }).map((groups) => `2001:0:${groups.join(':')}`);
    const text = fc.oneof(fc.string(), fc.ipV6(), teredo);
    fc.assert(
      fc.property(text, (each) => {
        const fields = parseTeredoAddress(each);
        if (fields === undefined) return;
        for (const word of [fields.server, fields.mapped.address]) expect(word >>> 0).toBe(word);
        for (const short of [fields.flags, fields.mapped.port]) expect(short & 0xffff).toBe(short);
      }),
    );
  });
});
