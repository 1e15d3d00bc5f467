import {
  hasUnknownCriticalTrailer,
  isUnknownCriticalTrailer,
  TrailerCursor,
  trailerTypes,
  writeTrailer,
} from '@navalis/wire';
import fc from 'fast-check';
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

/** All trailers found in the octets, and whether the walk ended at something that is none. */
function walk(bytes: Uint8Array): { readonly found: (readonly [number, Uint8Array])[]; readonly isMalformed: boolean } {
  const memory = concatenate(octets('ffff'), bytes, octets('ffff'));
  const cursor = new TrailerCursor();
  cursor.start(memory, 2, bytes.length);
  const found: (readonly [number, Uint8Array])[] = [];
  while (cursor.next()) {
    found.push([cursor.type, memory.slice(cursor.valueOffset, cursor.valueOffset + cursor.valueLength)]);
  }
  expect(cursor.next()).toBe(false);
  return { found, isMalformed: cursor.isMalformed };
}

const write = (type: number, value: Uint8Array): Uint8Array =>
  written((bytes, offset) => writeTrailer(bytes, offset, type, value));

describe('trailers', () => {
  it('[XC-11] has the types of RFC 6081', () => {
    expect(trailerTypes).toEqual({ nonce: 1, alternateAddress: 3, neighborDiscoveryOption: 4, randomPort: 5 });
  });

  it('[XC-01] writes the vectors of sections 18.8 to 18.10', () => {
    expect(write(trailerTypes.nonce, octets('deadbeef'))).toEqual(nonceTrailerVector);
    expect(write(trailerTypes.randomPort, octets('3039'))).toEqual(randomPortTrailerVector);
    const alternates = octets('0000 c0a8010ac000 0a000007c000');
    expect(write(trailerTypes.alternateAddress, alternates)).toEqual(alternateAddressTrailerVector);
    expect(write(trailerTypes.neighborDiscoveryOption, octets('00000000'))).toEqual(discoveryTrailerVectors[0]);
    expect(write(trailerTypes.neighborDiscoveryOption, octets('01000000'))).toEqual(discoveryTrailerVectors[1]);
    expect(() => write(1, new Uint8Array(256))).toThrow('A trailer holds at most 255 octets.');
    expect(write(1, new Uint8Array(255))).toEqual(concatenate(octets('01ff'), new Uint8Array(255)));
  });

  it('[XC-01][XC-02][WF-30] any trailers, known or not, are read back in their order', () => {
    const trailer = fc.tuple(fc.nat(255), fc.uint8Array({ maxLength: 255 }));
    fc.assert(
      fc.property(fc.array(trailer, { maxLength: 5 }), (trailers) => {
        const bytes = concatenate(...trailers.map(([type, value]) => write(type, value)));
        expect(walk(bytes)).toEqual({ found: trailers, isMalformed: false });
      }),
    );
  });

  it.each([
    ['one stray octet', octets('01'), true],
    ['a value cut off', octets('0104deadbe'), true],
    ['a value of which nothing is there', octets('0104'), true],
    ['the end', octets(), false],
  ])('[XC-05][XC-06] stops at %s; what came before stays', (_what, rest, isMalformed) => {
    expect(walk(concatenate(nonceTrailerVector, rest))).toEqual({ found: [[1, octets('deadbeef')]], isMalformed });
  });

  it('[XC-05] a walk that is started again forgets how the last one ended', () => {
    const cursor = new TrailerCursor();
    expect([cursor.next(), cursor.isMalformed]).toEqual([false, false]);
    cursor.start(octets('01'), 0, 1);
    expect([cursor.next(), cursor.isMalformed]).toEqual([false, true]);
    cursor.start(octets('0100'), 0, 2);
    expect([cursor.next(), cursor.isMalformed]).toEqual([true, false]);
  });

  it('[XC-03][XC-04] of the unknown types only those with top bits 01 demand a discard', () => {
    for (let type = 0; type < 256; type++) {
      const isCritical = type >= 0x40 && type <= 0x7f;
      expect(isUnknownCriticalTrailer(type)).toBe(isCritical);
      const bytes = concatenate(nonceTrailerVector, octets(type.toString(16).padStart(2, '0'), '00'));
      expect(hasUnknownCriticalTrailer(bytes, 0, bytes.length)).toBe(isCritical);
    }
    expect(hasUnknownCriticalTrailer(octets('41'), 0, 1)).toBe(false);
    expect(hasUnknownCriticalTrailer(octets('4100'), 0, 0)).toBe(false);
    expect(hasUnknownCriticalTrailer(octets('01ff4100'), 0, 4)).toBe(false);
  });
});
