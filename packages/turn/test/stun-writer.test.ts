import { parseIpv4 } from '@navalis/address';
import { utf8ToBytes } from '@noble/hashes/utils.js';
import { describe, expect, it } from 'vitest';
import { StunWriter } from '../src/index.ts';
import * as constants from '../src/stun/constants.ts';
import { crc32 } from '../src/stun/crc32.ts';
import { hex } from './vectors.ts';

const transactionId = hex('000102030405060708090a0b');
const header = '2112a442 000102030405060708090a0b';

/** A writer of `octets` whose memory holds octets of an earlier message, at the start of a Binding request. */
function begun(octets = 64): StunWriter {
  const writer = new StunWriter(octets);
  writer.bytes.fill(0xff);
  return writer.begin(1, 0, transactionId);
}

function written(writer: StunWriter): Uint8Array {
  return writer.bytes.slice(0, writer.length);
}

describe('numbers of STUN and TURN', () => {
  it('[TU-01] are those of the registries', () => {
    expect({ ...constants }).toEqual({
      magicCookie: 0x2112a442,
      stunHeaderOctets: 20,
      attributeHeaderOctets: 4,
      transactionIdOctets: 12,
      stunMethods: { binding: 1, allocate: 3, refresh: 4, send: 6, data: 7, createPermission: 8, channelBind: 9 },
      stunClasses: { request: 0, indication: 1, success: 2, error: 3 },
      stunAttributes: {
        mappedAddress: 0x0001,
        username: 0x0006,
        messageIntegrity: 0x0008,
        errorCode: 0x0009,
        unknownAttributes: 0x000a,
        channelNumber: 0x000c,
        lifetime: 0x000d,
        xorPeerAddress: 0x0012,
        data: 0x0013,
        realm: 0x0014,
        nonce: 0x0015,
        xorRelayedAddress: 0x0016,
        requestedTransport: 0x0019,
        messageIntegritySha256: 0x001c,
        passwordAlgorithm: 0x001d,
        userHash: 0x001e,
        xorMappedAddress: 0x0020,
        passwordAlgorithms: 0x8002,
        software: 0x8022,
        alternateServer: 0x8023,
        fingerprint: 0x8028,
      },
      ipv4Family: 1,
      ipv6Family: 2,
      fingerprintMask: 0x5354554e,
      sha1Octets: 20,
      sha256Octets: 32,
      shortestSha256Octets: 16,
    });
  });
});

describe('the checksum', () => {
  it.each([
    ['', 0],
    ['a', 0xe8b7be43],
    ['123456789', 0xcbf43926],
    ['The quick brown fox jumps over the lazy dog', 0x414fa339],
  ])('of "%s" is right', (text, expected) => {
    const bytes = utf8ToBytes(text);
    expect(crc32(bytes, 0, bytes.length)).toBe(expected);
  });

  it('of all octets is right', () => {
    const bytes = Uint8Array.from({ length: 256 }, (_, index) => index);
    expect(crc32(bytes, 0, 256)).toBe(0x29058c73);
  });

  it('is that of a part', () => {
    expect(crc32(utf8ToBytes('xyz123456789xyz'), 3, 9)).toBe(0xcbf43926);
  });
});

describe('the header', () => {
  it('[TU-01] is absent before the first message', () => {
    const writer = new StunWriter(24);
    expect(writer.length).toBe(0);
    expect(writer.bytes).toEqual(new Uint8Array(24));
  });

  it.each([
    [0x001, 0, '0001'],
    [0x00f, 0, '000f'],
    [0x010, 0, '0020'],
    [0x070, 0, '00e0'],
    [0x080, 0, '0200'],
    [0xf80, 0, '3e00'],
    [0xfff, 0, '3eef'],
    [0x000, 1, '0010'],
    [0x000, 2, '0100'],
    [0xfff, 3, '3fff'],
  ])('[TU-01] of method %i and class %i begins with %s', (method, messageClass, type) => {
    const writer = new StunWriter(20).begin(method, messageClass, transactionId);
    expect(writer.bytes).toEqual(hex(`${type} 0000 ${header}`));
    expect(writer.length).toBe(20);
  });

  it('[TU-01] begins the next message in the same memory', () => {
    const writer = begun().word(0x000d, 600);
    writer.begin(3, 2, hex('f0f1f2f3f4f5f6f7f8f9fafb'));
    expect(written(writer)).toEqual(hex('0103 0000 2112a442 f0f1f2f3f4f5f6f7f8f9fafb'));
  });
});

describe('attributes', () => {
  it.each([
    ['', 24, '0004', '0014 0000 ffffffff ffffffff ffffffff'],
    ['a', 28, '0008', '0014 0001 61000000 ffffffff ffffffff'],
    ['ab', 28, '0008', '0014 0002 61620000 ffffffff ffffffff'],
    ['abc', 28, '0008', '0014 0003 61626300 ffffffff ffffffff'],
    ['abcd', 28, '0008', '0014 0004 61626364 ffffffff ffffffff'],
    ['abcde', 32, '000c', '0014 0005 61626364 65000000 ffffffff'],
  ])('[TU-01] with the value "%s" end with zeros, and nothing behind them changes', (text, end, length, rest) => {
    const writer = begun(36).value(0x0014, utf8ToBytes(text));
    expect(writer.length).toBe(end);
    expect(writer.bytes).toEqual(hex(`0001 ${length} ${header} ${rest}`));
  });

  it('[TU-01] are words', () => {
    expect(written(begun().word(0x000d, 0xfedcba98))).toEqual(hex(`0001 0008 ${header} 000d 0004 fedcba98`));
  });

  it('[TU-01] are endpoints, as they are or combined with the cookie', () => {
    const address = parseIpv4('192.0.2.1')!;
    expect(written(begun().endpoint(0x8023, address, 32_853))).toEqual(
      hex(`0001 000c ${header} 8023 0008 00018055 c0000201`),
    );
    expect(written(begun().xorEndpoint(0x0020, address, 32_853))).toEqual(
      hex(`0001 000c ${header} 0020 0008 0001a147 e112a643`),
    );
  });

  it.each([
    [300, '', '0004 00000300'],
    [438, 'Stale', '0009 00000426 5374616c65 000000'],
    [699, 'Text', '0008 00000663 54657874'],
  ])('[TU-01] are error %i with its reason "%s"', (code, reason, attribute) => {
    const expected = hex(`0009 ${attribute}`);
    const writer = begun().error(code, reason);
    expect(writer.bytes.slice(20, writer.length)).toEqual(expected);
    expect(writer.bytes[3]).toBe(expected.length);
  });

  it('[TU-01] are room for a value that the caller writes', () => {
    const writer = begun();
    expect(writer.room(0x0013, 6)).toBe(24);
    expect(written(writer)).toEqual(hex(`0001 000c ${header} 0013 0006 ffffffffffff 0000`));
    expect(writer.room(0x0013, 0)).toBe(36);
    expect(writer.length).toBe(36);
  });
});

describe('ends of messages', () => {
  it('[TU-01] have the checksum of all before', () => {
    const writer = begun().value(0x8022, utf8ToBytes('test'));
    expect(writer.fingerprint()).toBe(writer);
    expect(written(writer)).toEqual(hex(`0001 0010 ${header} 8022 0004 74657374 8028 0004 f1613f9d`));
  });

  it('[TU-03] have the authentication value of either hash', () => {
    const key = utf8ToBytes('key');
    const short = begun(128);
    expect(short.integrity(key, 'sha-1')).toBe(short);
    expect(written(short)).toEqual(hex(`0001 0018 ${header} 0008 0014 5eb761f5b64a369e1a98fa1a4fd1bdaa3f0eaadc`));
    expect(written(begun(128).integrity(key, 'sha-256'))).toEqual(
      hex(`0001 0024 ${header} 001c 0020 46aa097628312addd59d385ab04bab39e040049cf0d07171bf2f408177f4e810`),
    );
  });
});

describe('memory', () => {
  it('[TU-01] may be full to the last octet', () => {
    expect(begun(28).word(0x000d, 1).length).toBe(28);
    expect(begun(28).value(0x0014, hex('616263')).length).toBe(28);
    expect(begun(24).room(0x0013, 0)).toBe(24);
  });

  it('[TU-01] that is too small by one octet is refused, and the message stays as it was', () => {
    const refusal = new RangeError('The message does not fit.');
    const writer = begun(27);
    expect(() => writer.word(0x000d, 1)).toThrow(refusal);
    expect(() => writer.value(0x0014, hex('61'))).toThrow(refusal);
    expect(() => writer.error(400, '')).toThrow(refusal);
    expect(() => writer.room(0x0013, 1)).toThrow(refusal);
    expect(() => writer.fingerprint()).toThrow(refusal);
    expect(writer.bytes).toEqual(hex(`0001 0000 ${header} ffffffffffffff`));
    expect(writer.length).toBe(20);
  });
});
