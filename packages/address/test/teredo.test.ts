import {
  allNodes,
  allRouters,
  buildTeredoAddress,
  buildTeredoLinkLocal,
  embeddedAddress,
  embeddedFlags,
  embeddedPort,
  embeddedServer,
  formatIpv6,
  Ipv4Policy,
  type Ipv6Value,
  isTeredo,
  isWellFormedTeredo,
  mappingMatches,
  parseIpv4,
  parseIpv6,
  serverLinkLocal,
  teredoFlags,
  teredoPort,
  teredoServicePrefix,
} from '@navalis/address';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';

const policy = new Ipv4Policy({ strictness: 'rfc4380' });
const ipv4 = (text: string): number => parseIpv4(text)!;
const server = ipv4('203.0.113.120');
const mapped = { address: ipv4('192.0.2.1'), port: 4096 };
const built = (flags: number): Ipv6Value => buildTeredoAddress({ server, flags, mapped, policy })!;

describe('constants', () => {
  it('[WF-19] the Teredo port is 3544', () => {
    expect(teredoPort).toBe(3544);
    expect((teredoPort ^ 0xffff).toString(16)).toBe('f227');
  });

  it('[AD-02] the service prefix is 2001:0000::/32', () => {
    expect(teredoServicePrefix).toBe(0x20010000);
    expect(isTeredo(parseIpv6('2001:0:ffff:ffff:ffff:ffff:ffff:ffff')!)).toBe(true);
    expect(isTeredo(parseIpv6('2001:1::')!)).toBe(false);
    expect(isTeredo(parseIpv6('2000:ffff::')!)).toBe(false);
  });

  it('[WF-31] the historic prefix 3ffe:831f::/32 is not Teredo, unless set explicitly', () => {
    const historic = parseIpv6('3ffe:831f:cb00:7178:0:efff:3fff:fdfe')!;
    expect(isTeredo(historic)).toBe(false);
    expect(isWellFormedTeredo(historic, policy)).toBe(false);
    expect(isWellFormedTeredo(historic, policy, 0x3ffe831f)).toBe(true);
    expect(formatIpv6(buildTeredoAddress({ server, flags: 0, mapped, policy, servicePrefix: 0x3ffe831f })!)).toBe(
      '3ffe:831f:cb00:7178:0:efff:3fff:fdfe',
    );
  });

  it('[AD-05] cone, universal and group bits are where section 4 puts them', () => {
    expect(teredoFlags).toEqual({
      cone: 0x8000,
      reserved: 0x4000,
      universal: 0x0200,
      group: 0x0100,
      randomMask: 0x3cff,
    });
  });

  it('names the multicast groups', () => {
    expect(formatIpv6(allRouters)).toBe('ff02::2');
    expect(formatIpv6(allNodes)).toBe('ff02::1');
  });
});

describe('Teredo addresses', () => {
  const vectors = [
    ['203.0.113.120', 0x0000, '192.0.2.1', 4096, '2001:0:cb00:7178:0:efff:3fff:fdfe'],
    ['198.51.100.118', 0x0000, '192.0.2.10', 8192, '2001:0:c633:6476:0:dfff:3fff:fdf5'],
    ['203.0.113.120', 0x3c5a, '192.0.2.1', 4096, '2001:0:cb00:7178:3c5a:efff:3fff:fdfe'],
  ] as const;

  it.each(vectors)(
    '[AD-01][AD-04] server %s, flags %i, mapped %s:%i is %s',
    (serverText, flags, address, port, text) => {
      const endpoint = { address: ipv4(address), port };
      const value = buildTeredoAddress({ server: ipv4(serverText), flags, mapped: endpoint, policy })!;
      expect(formatIpv6(value)).toBe(text);
      const read = parseIpv6(text)!;
      expect(embeddedServer(read)).toBe(ipv4(serverText));
      expect(embeddedFlags(read)).toBe(flags);
      expect(embeddedPort(read)).toBe(port);
      expect(embeddedAddress(read)).toBe(ipv4(address));
    },
  );

  it('[AD-03] the client prefix is service prefix and server address, whatever the client', () => {
    for (const endpoint of [mapped, { address: ipv4('8.8.8.8'), port: 65535 }]) {
      const value = buildTeredoAddress({ server, flags: 0x3cff, mapped: endpoint, policy })!;
      expect([value.word0, value.word1]).toEqual([0x20010000, 0xcb007178]);
    }
  });

  it('[AD-05] built addresses have universal, group and reserved bits 0, and keep cone and random bits', () => {
    for (let flags = 0; flags <= 0xffff; flags++) {
      const kept = embeddedFlags(built(flags));
      if ((kept & 0x0300) !== 0 || kept !== (flags & 0xbcff)) expect.fail(`flags ${flags} became ${kept}`);
    }
  });

  it('[AD-06] reads all 65536 flag values', () => {
    const { word0, word1, word2, word3 } = built(0);
    for (let flags = 0; flags <= 0xffff; flags++) {
      const value = { word0, word1, word2: ((flags << 16) | (word2 & 0xffff)) >>> 0, word3 };
      const isGood =
        isTeredo(value) &&
        isWellFormedTeredo(value, policy) &&
        mappingMatches(value, mapped) &&
        embeddedServer(value) === server &&
        embeddedFlags(value) === flags;
      if (!isGood) expect.fail(`flags ${flags}`);
    }
  });

  it('[AD-07] no global address embeds an address that is not global unicast', () => {
    for (const text of ['10.0.0.1', '127.0.0.1', '192.168.1.1', '224.0.0.1', '255.255.255.255', '0.0.0.0']) {
      expect(
        buildTeredoAddress({ server, flags: 0, mapped: { address: ipv4(text), port: 1 }, policy }),
        text,
      ).toBeUndefined();
    }
    expect(buildTeredoAddress({ server, flags: 0, mapped: { ...mapped, port: 0 }, policy })).toBeUndefined();
  });

  it('[AD-07] the policy decides, not a list of its own', () => {
    const strict = new Ipv4Policy({ strictness: 'strict' });
    expect(buildTeredoAddress({ server: ipv4('8.8.8.8'), flags: 0, mapped, policy })).toBeDefined();
    expect(buildTeredoAddress({ server: ipv4('8.8.8.8'), flags: 0, mapped, policy: strict })).toBeUndefined();
  });

  it.each([
    ['another prefix', '2001:1:cb00:7178:0:efff:3fff:fdfe'],
    ['a private mapped address', '2001:0:cb00:7178:0:efff:f5ff:fffe'],
    ['mapped port 0', '2001:0:cb00:7178:0:ffff:3fff:fdfe'],
    ['a private server', '2001:0:c0a8:1:0:efff:3fff:fdfe'],
  ])('[AD-13] %s is not well formed', (_what, text) => {
    expect(isWellFormedTeredo(parseIpv6(text)!, policy)).toBe(false);
    expect(isWellFormedTeredo(built(0), policy)).toBe(true);
  });

  it('[AD-15] the mapping matches only when address and port do', () => {
    const value = built(0x2041);
    const otherAddress = ipv4('192.0.2.2');
    expect(mappingMatches(value, mapped)).toBe(true);
    expect(mappingMatches(value, { ...mapped, port: 4097 })).toBe(false);
    expect(mappingMatches(value, { ...mapped, address: otherAddress })).toBe(false);
    expect(mappingMatches(value, { address: otherAddress, port: 4097 })).toBe(false);
  });

  it('[AD-01] every address that is built is read back', () => {
    let built = 0;
    const anyIpv4 = fc.integer({ min: 0, max: 0xffffffff });
    fc.assert(
      fc.property(anyIpv4, fc.nat(0xffff), anyIpv4, fc.nat(0xffff), (anyServer, flags, address, port) => {
        const parts = { server: anyServer, flags, mapped: { address, port }, policy };
        const value = buildTeredoAddress(parts);
        const isPossible = policy.isGlobalUnicast(anyServer) && policy.isGlobalUnicast(address) && port !== 0;
        expect(value !== undefined).toBe(isPossible);
        if (value === undefined) return;
        built += 1;
        expect(isWellFormedTeredo(value, policy)).toBe(true);
        expect(mappingMatches(value, parts.mapped)).toBe(true);
        expect(embeddedServer(value)).toBe(anyServer);
      }),
    );
    expect(built).toBeGreaterThan(0);
  });
});

describe('words of built addresses', () => {
  it('are unsigned, whatever bits flags and endpoint set', () => {
    const low = { address: ipv4('1.2.3.4'), port: 1 };
    expect(buildTeredoAddress({ server, flags: 0x8000, mapped: low, policy })).toEqual({
      word0: 0x20010000,
      word1: 0xcb007178,
      word2: 0x8000fffe,
      word3: 0xfefdfcfb,
    });
    expect(buildTeredoLinkLocal(0x8000, low)).toMatchObject({ word2: 0x8000fffe, word3: 0xfefdfcfb });
  });
});

describe('link-local addresses', () => {
  it('[AD-08] a private endpoint is allowed', () => {
    const linkLocal = buildTeredoLinkLocal(0, { address: ipv4('10.0.0.2'), port: 49152 });
    expect(formatIpv6(linkLocal)).toBe('fe80::3fff:f5ff:fffd');
    expect(formatIpv6(buildTeredoLinkLocal(0, { address: ipv4('10.0.0.1'), port: 49152 }))).toBe(
      'fe80::3fff:f5ff:fffe',
    );
  });

  it('[AD-09] the address of a server has the cone bit and port 3544', () => {
    expect(formatIpv6(serverLinkLocal(server))).toBe('fe80::8000:f227:34ff:8e87');
  });
});
