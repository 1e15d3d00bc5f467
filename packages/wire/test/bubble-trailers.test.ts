import { type Ipv4Endpoint, parseIpv4 } from '@navalis/address';
import {
  BubbleTrailers,
  discoveryTypes,
  isAlternateEndpoint,
  maximumTrailersLength,
  noDiscovery,
  writeAlternateAddressTrailer,
  writeDiscoveryTrailer,
  writeNonceTrailer,
  writeRandomPortTrailer,
} from '@navalis/wire';
import { describe, expect, it } from 'vitest';
import {
  alternateAddressTrailerVector,
  concatenate,
  discoveryTrailerVectors,
  nonceTrailerVector,
  octets,
  randomPortTrailerVector,
  written,
} from './vectors.ts';

const home: Ipv4Endpoint = { address: 0xc0a8010a, port: 49152 };
const inner: Ipv4Endpoint = { address: 0x0a000007, port: 49152 };

function read(...parts: readonly Uint8Array[]): BubbleTrailers {
  const bytes = concatenate(octets('ffff'), ...parts, octets('ffff'));
  const trailers = new BubbleTrailers();
  trailers.read(bytes, 2, bytes.length - 4);
  return trailers;
}

function alternatesOf(trailers: BubbleTrailers): Ipv4Endpoint[] {
  return Array.from({ length: trailers.alternateCount }, (_, index) => ({
    address: trailers.alternateAddress(index),
    port: trailers.alternatePort(index),
  }));
}

function alternateTrailer(...endpoints: readonly Ipv4Endpoint[]): Uint8Array {
  return written((bytes, offset) => writeAlternateAddressTrailer(bytes, offset, endpoints));
}

describe('the trailers that bubbles are written with', () => {
  it('[XC-01][SLR-07][HP-07] are the vectors of sections 18.8 to 18.10', () => {
    expect(written((bytes, offset) => writeNonceTrailer(bytes, offset, 0xdeadbeef))).toEqual(nonceTrailerVector);
    expect(written((bytes, offset) => writeRandomPortTrailer(bytes, offset, 12345))).toEqual(randomPortTrailerVector);
    expect(alternateTrailer(home, inner)).toEqual(alternateAddressTrailerVector);
    for (const type of [discoveryTypes.solicitation, discoveryTypes.advertisement]) {
      expect(written((bytes, offset) => writeDiscoveryTrailer(bytes, offset, type))).toEqual(
        discoveryTrailerVectors[type],
      );
    }
  });

  it('[HP-07] list one to four unicast endpoints, and no others', () => {
    expect(alternateTrailer(home)[1]).toBe(8);
    expect(alternateTrailer(home, home, home, home)[1]).toBe(26);
    const refused = [
      [],
      [home, home, home, home, home],
      [{ ...home, port: 0 }],
      [{ ...home, address: 0 }],
      [home, { ...home, address: 0xe0000001 }],
      [{ ...home, address: 0xffffffff }],
    ];
    for (const endpoints of refused) {
      expect(() => alternateTrailer(...endpoints)).toThrow('An Alternate Address Trailer holds one to four unicast');
    }
    expect(alternateTrailer({ address: 0xdfffffff, port: 65535 }).slice(4)).toEqual(octets('dfffffffffff'));
  });

  it('fit the room that is kept for them', () => {
    const all = concatenate(nonceTrailerVector, randomPortTrailerVector, alternateTrailer(home, home, home, home));
    expect(maximumTrailersLength).toBe(all.length + 6);
  });
});

describe('an alternate endpoint', () => {
  it.each([
    ['223.255.255.255', 1, true],
    ['0.0.0.1', 65535, true],
    ['224.0.0.0', 1, false],
    ['255.255.255.255', 1, false],
    ['0.0.0.0', 1, false],
    ['223.255.255.255', 0, false],
  ])('[HP-07] may be %s, port %i: %s', (address, port, isPossible) => {
    expect(isAlternateEndpoint(parseIpv4(address)!, port)).toBe(isPossible);
  });
});

describe('the trailers of a bubble', () => {
  it('are none before any is read, and after they are cleared', () => {
    const trailers = new BubbleTrailers();
    const none = { nonce: 0, randomPort: 0, discoveryType: -1, hasBadAlternates: false, alternateCount: 0 };
    expect(trailers).toMatchObject(none);
    trailers.read(concatenate(nonceTrailerVector, discoveryTrailerVectors[0]!, octets('0300')), 0, 14);
    expect(trailers).toMatchObject({ nonce: 0xdeadbeef, discoveryType: 0, hasBadAlternates: true });
    trailers.clear();
    expect(trailers).toMatchObject(none);
    expect(noDiscovery).toBe(-1);
  });

  it('[XC-02][SNS-06] are all found, in any order', () => {
    const [solicitation, advertisement] = discoveryTrailerVectors as [Uint8Array, Uint8Array];
    for (const parts of [
      [nonceTrailerVector, randomPortTrailerVector, alternateAddressTrailerVector, solicitation],
      [solicitation, alternateAddressTrailerVector, randomPortTrailerVector, nonceTrailerVector],
    ]) {
      const trailers = read(...parts);
      expect([trailers.nonce, trailers.randomPort, trailers.discoveryType]).toEqual([0xdeadbeef, 12345, 0]);
      expect([alternatesOf(trailers), trailers.hasBadAlternates]).toEqual([[home, inner], false]);
    }
    expect(read(advertisement).discoveryType).toBe(1);
    expect(read(octets('040477ffffff')).discoveryType).toBe(0x77);
  });

  it('[XC-05] before a malformed one stay in force', () => {
    const trailers = read(nonceTrailerVector, octets('05'), randomPortTrailerVector);
    expect([trailers.nonce, trailers.randomPort]).toEqual([0xdeadbeef, 0]);
  });

  it('[XC-04] of other types are skipped, the Random Port Trailer of the IANA table among them', () => {
    const trailers = read(octets('0202 1111'), octets('8000'), octets('2104 01020304'), nonceTrailerVector);
    expect([trailers.nonce, trailers.randomPort, trailers.alternateCount]).toEqual([0xdeadbeef, 0, 0]);
  });

  it('[XC-07] of a known type with an illegal length are ignored, and those after it count', () => {
    for (const bad of [
      '010511111111ff',
      '0103111111',
      '0100',
      '0501ff',
      '0503111111',
      '0403000000',
      '04050000000000',
    ]) {
      const trailers = read(octets(bad), nonceTrailerVector, randomPortTrailerVector, discoveryTrailerVectors[1]!);
      expect([trailers.nonce, trailers.randomPort, trailers.discoveryType]).toEqual([0xdeadbeef, 12345, 1]);
    }
  });

  it('[XC-08] of a repeated type: the first counts', () => {
    const trailers = read(
      nonceTrailerVector,
      octets('010400000001'),
      randomPortTrailerVector,
      octets('0502ffff'),
      alternateTrailer(home),
      alternateAddressTrailerVector,
      discoveryTrailerVectors[1]!,
      discoveryTrailerVectors[0]!,
    );
    expect([trailers.nonce, trailers.randomPort, trailers.discoveryType]).toEqual([0xdeadbeef, 12345, 1]);
    expect(alternatesOf(trailers)).toEqual([home]);
    const zero = read(octets('010400000000'), nonceTrailerVector, octets('05020000'), randomPortTrailerVector);
    expect([zero.nonce, zero.randomPort]).toEqual([0, 0]);
  });

  it.each([
    ['no entry', '03020000'],
    ['part of an entry', '0309 0000 c0a8010ac000 0a'],
    ['five entries', `0320 0000 ${'c0a8010ac000'.repeat(5)}`],
    ['nothing', '0300'],
    ['half of what is reserved', '030100'],
    ['port 0', '0308 0000 c0a8010a0000'],
    ['multicast', '0308 0000 e0000001c000'],
    ['broadcast', '0308 0000 ffffffffc000'],
    ['no address', '0308 0000 00000000c000'],
    ['a bad second entry', '030e 0000 c0a8010ac000 e0000001c000'],
  ])('[HP-10][HP-07][SEC-26] with %s for alternate addresses is ill-formed, whatever comes after', (_what, bad) => {
    const trailers = read(octets(bad), alternateAddressTrailerVector, nonceTrailerVector);
    expect([trailers.hasBadAlternates, trailers.alternateCount, trailers.nonce]).toEqual([true, 0, 0xdeadbeef]);
  });

  it('[HP-07] with four entries, and reserved octets that are not 0, is well-formed', () => {
    const four = octets('031a ffff', 'c0a8010ac000'.repeat(4));
    expect(alternatesOf(read(four))).toEqual([home, home, home, home]);
  });

  it('[XC-05] of an earlier bubble are forgotten', () => {
    const trailers = read(nonceTrailerVector, randomPortTrailerVector, alternateAddressTrailerVector);
    trailers.read(octets('0300'), 0, 2);
    expect([trailers.nonce, trailers.randomPort, trailers.alternateCount]).toEqual([0, 0, 0]);
    trailers.read(octets(''), 0, 0);
    expect([trailers.hasBadAlternates, trailers.discoveryType]).toEqual([false, noDiscovery]);
    trailers.read(nonceTrailerVector, 0, 6);
    expect(trailers.nonce).toBe(0xdeadbeef);
  });
});
