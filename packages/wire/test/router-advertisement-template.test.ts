import { RouterAdvertisementTemplate, writeRouterAdvertisement } from '@navalis/wire/server';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { advertisementVector, clientLinkLocal, clientPrefix, serverLinkLocalAddress, written } from './vectors.ts';

const fields = {
  source: serverLinkLocalAddress,
  retransmissionTimerMs: 2000,
  prefixes: [
    { prefix: clientPrefix, length: 64, flags: 0x40, validLifetime: 0xffffffff, preferredLifetime: 0xffffffff },
  ],
  mtu: 1280,
};
const template = new RouterAdvertisementTemplate(fields);

describe('Router Advertisement from a template', () => {
  it('[WF-25][WF-27] is the vector of the packet layouts', () => {
    const packet = written((bytes, offset) => template.write(bytes, offset, clientLinkLocal));
    expect(packet).toEqual(advertisementVector);
  });

  it('[WF-26] has the right checksum for any carries', () => {
    const [expected, actual] = [new Uint8Array(200), new Uint8Array(200)];
    const ones = { word0: 0xffffffff, word1: 0xffffffff, word2: 0xffffffff };
    for (let word3 = 0; word3 <= 0xffff; word3++) {
      const destination = { ...ones, word3 };
      writeRouterAdvertisement(expected, 0, { ...fields, destination });
      template.write(actual, 0, destination);
      if (expected[42] !== actual[42] || expected[43] !== actual[43]) expect.fail(`word ${word3}`);
    }
  });

  it('[WF-26] equals a written advertisement for any destination, one after the other', () => {
    const word = fc.oneof(fc.constantFrom(0, 0xffff, 0x10000, 0xffff_ffff), fc.integer({ min: 0, max: 0xffff_ffff }));
    fc.assert(
      fc.property(fc.record({ word0: word, word1: word, word2: word, word3: word }), (destination) => {
        expect(written((bytes, offset) => template.write(bytes, offset, destination))).toEqual(
          written((bytes, offset) => writeRouterAdvertisement(bytes, offset, { ...fields, destination })),
        );
      }),
    );
  });
});
