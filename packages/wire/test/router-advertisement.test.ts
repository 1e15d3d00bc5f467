import { type RouterAdvertisement, readRouterAdvertisement, writeIcmpv6Checksum } from '@navalis/wire';
import { type RouterAdvertisementFields, writeRouterAdvertisement } from '@navalis/wire/server';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  advertisementVector,
  altered,
  clientLinkLocal,
  clientPrefix,
  concatenate,
  octets,
  serverLinkLocalAddress,
  written,
} from './vectors.ts';

const prefix = {
  prefix: clientPrefix,
  length: 64,
  flags: 0x40,
  validLifetime: 0xffffffff,
  preferredLifetime: 0xffffffff,
};
const vectorFields: RouterAdvertisementFields = {
  source: serverLinkLocalAddress,
  destination: clientLinkLocal,
  retransmissionTimerMs: 2000,
  prefixes: [prefix],
  mtu: 1280,
};
const write = (fields: RouterAdvertisementFields): Uint8Array =>
  written((bytes, offset) => writeRouterAdvertisement(bytes, offset, fields));

/** A copy whose checksum is right again. */
function repaired(packet: Uint8Array): Uint8Array {
  const copy = packet.slice();
  writeIcmpv6Checksum(copy, 0);
  return copy;
}

/** An advertisement with these options. */
function withOptions(...options: readonly string[]): Uint8Array {
  const rest = octets(...options);
  return repaired(concatenate(altered(advertisementVector.slice(0, 56), 4, 0, 16 + rest.length), rest));
}

const prefixOption = `03044040 ffffffff ffffffff 00000000 20010000cb007178${'00'.repeat(8)}`;
const mtuOption = '05010000 00000500';

describe('Router Advertisement', () => {
  it('[WF-25][WF-27] writes the vector of the packet layouts, and 88 octets without MTU', () => {
    expect(write(vectorFields)).toEqual(advertisementVector);
    const { mtu: _mtu, ...withoutMtu } = vectorFields;
    const shorter = write(withoutMtu);
    expect(shorter.length).toBe(88);
    const { retransmissionTimerMs: _time, ...withoutTime } = withoutMtu;
    expect(write(withoutTime).slice(44, 56)).toEqual(new Uint8Array(12));
    expect(readRouterAdvertisement(shorter, 0)?.mtu).toBeUndefined();
  });

  it('[WF-25][WF-27] reads the vector of the packet layouts', () => {
    const expected: RouterAdvertisement = {
      source: serverLinkLocalAddress,
      destination: clientLinkLocal,
      currentHopLimit: 0,
      flags: 0,
      routerLifetime: 0,
      reachableTimeMs: 0,
      retransmissionTimerMs: 2000,
      prefixes: [prefix],
      mtu: 1280,
    };
    expect(readRouterAdvertisement(advertisementVector, 0)).toEqual(expected);
    expect(readRouterAdvertisement(concatenate(octets('ffff'), advertisementVector, octets('ff')), 2)).toEqual(
      expected,
    );
  });

  it.each([
    ['a global source', repaired(altered(advertisementVector, 8, 0x20, 0x01))],
    ['a source just outside FE80::/10', repaired(altered(advertisementVector, 9, 0xc0))],
    ['hop limit 254', altered(advertisementVector, 7, 254)],
    ['next header 59', altered(advertisementVector, 6, 59)],
    ['a bad checksum', altered(advertisementVector, 42, 0, 0)],
    ['type 133', repaired(altered(advertisementVector, 40, 133))],
    ['code 1', repaired(altered(advertisementVector, 41, 1))],
    ['length 15', repaired(altered(advertisementVector, 5, 15))],
    ['length 0', altered(advertisementVector, 5, 0)],
    ['an option of length 0', withOptions(prefixOption, '0500000000000500')],
    ['an option past the end', withOptions('fe02000000000000')],
    ['half an option', withOptions(prefixOption, '05010000')],
    ['a prefix option of 24 octets', withOptions('03034040 ffffffff ffffffff 00000000 20010000cb007178')],
    ['an MTU option of 16 octets', withOptions(prefixOption, '05020000 00000500 0000000000000000')],
  ])('[WF-25] one with %s is invalid', (_what, packet) => {
    expect(readRouterAdvertisement(packet, 0)).toBeUndefined();
  });

  it('[WF-25] any link-local source and no option at all are valid', () => {
    expect(readRouterAdvertisement(repaired(altered(advertisementVector, 9, 0xbf)), 0)).toBeDefined();
    expect(readRouterAdvertisement(withOptions(), 0)?.prefixes).toEqual([]);
  });

  it('[WF-27] skips unknown options by their length', () => {
    const packet = withOptions(prefixOption, `1902${'ff'.repeat(14)}`, mtuOption, '0101020304050607');
    expect(readRouterAdvertisement(packet, 0)).toMatchObject({ prefixes: [prefix], mtu: 1280 });
  });

  it('[WF-27] gives all prefixes in order, and the first MTU', () => {
    const other = `03041080 00000001 00000002 00000000 ${'20010000c6336476'.padEnd(32, '0')}`;
    const read = readRouterAdvertisement(withOptions(other, prefixOption, mtuOption, '05010000 000005dc'), 0)!;
    expect(read.prefixes.map(({ length }) => length)).toEqual([16, 64]);
    expect(read.prefixes[0]).toMatchObject({ flags: 0x80, validLifetime: 1, preferredLifetime: 2 });
    expect(read.mtu).toBe(1280);
  });

  it('[WF-30] is written as it was read, octet for octet', () => {
    const word = fc.integer({ min: 0, max: 0xffffffff });
    const ipv6 = fc.record({ word0: word, word1: word, word2: word, word3: word });
    const octet = fc.nat(255);
    const fields = fc.record(
      {
        source: fc.record({ word0: fc.constant(0xfe800000), word1: word, word2: word, word3: word }),
        destination: ipv6,
        currentHopLimit: octet,
        flags: octet,
        routerLifetime: fc.nat(0xffff),
        reachableTimeMs: word,
        retransmissionTimerMs: word,
        prefixes: fc.array(
          fc.record({ prefix: ipv6, length: octet, flags: octet, validLifetime: word, preferredLifetime: word }),
          { maxLength: 4 },
        ),
        mtu: word,
      },
      { requiredKeys: ['source', 'destination', 'prefixes'] },
    );
    fc.assert(
      fc.property(fields, (given) => {
        const packet = write(given);
        const read = readRouterAdvertisement(packet, 0)!;
        expect(read).toMatchObject(given);
        expect(write(read)).toEqual(packet);
      }),
    );
  });
});
