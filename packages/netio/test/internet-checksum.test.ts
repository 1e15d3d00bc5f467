import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { webAssembly } from '../src/kernel/web-assembly.ts';
import { createPacketLoops } from '../src/packet-loops/packet-loops.ts';
import { slowInternetSum } from './slow-internet-sum.ts';

const memory = new webAssembly.Memory({ initial: 9, maximum: 9 });
const bytes = new Uint8Array(memory.buffer);
const checksum = createPacketLoops(memory);

describe('Internet checksum', () => {
  it('is the example of RFC 1071 section 3', () => {
    bytes.set([0x00, 0x01, 0xf2, 0x03, 0xf4, 0xf5, 0xf6, 0xf7], 64);
    expect(checksum.sum(64, 8, 0)).toBe(0xddf2);
    expect(slowInternetSum(bytes, 64, 8, 0)).toBe(0xddf2);
  });

  it('equals the slow reference at every length, alignment and initial sum', () => {
    fc.assert(
      fc.property(
        fc.uint8Array({ maxLength: 2000 }),
        fc.nat({ max: 40 }),
        fc.nat({ max: 0xffffffff }),
        (data, offset, initial) => {
          bytes.fill(0xa5, 0, 2100);
          bytes.set(data, offset);
          expect(checksum.sum(offset, data.length, initial)).toBe(slowInternetSum(bytes, offset, data.length, initial));
        },
      ),
    );
  });

  it.each([0, 1, 2, 15, 16, 17, 31, 65_535, 65_536, 524_288])('holds the carries of %i octets of ones', (length) => {
    bytes.fill(0xff);
    expect(checksum.sum(1, length, 0xffffffff)).toBe(slowInternetSum(bytes, 1, length, 0xffffffff));
    expect(checksum.sum(1, length, 0)).toBe(slowInternetSum(bytes, 1, length, 0));
  });

  it.each([0, 0x7f, 0x80])('holds the carries of as many octets of 0x%x as are allowed', (octet) => {
    bytes.fill(octet);
    expect(checksum.sum(16, 524_288, 0xffffffff)).toBe(slowInternetSum(bytes, 16, 524_288, 0xffffffff));
  });

  it('is 0 only when everything is 0', () => {
    bytes.fill(0);
    expect(checksum.sum(0, 100, 0)).toBe(0);
    bytes.fill(0xff, 0, 2);
    expect(checksum.sum(0, 100, 0)).toBe(0xffff);
  });

  it('reads nothing outside of the memory', () => {
    expect(() => checksum.sum(bytes.length - 10, 11, 0)).toThrow();
  });
});
