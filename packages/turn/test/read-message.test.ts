import { parseIpv4 } from '@navalis/address';
import { describe, expect, it } from 'vitest';
import { readStunMessage, StunLayout } from '../src/index.ts';
import { hex } from './vectors.ts';

const layout = new StunLayout();
const address = parseIpv4('192.0.2.1')!;

/** A message of this type with these attributes. */
function message(attributes: string, type = '0103'): Uint8Array {
  const rest = hex(attributes);
  return Uint8Array.of(...hex(type), 0, rest.length, ...hex('2112a442 000102030405060708090a0b'), ...rest);
}

function read(bytes: Uint8Array): string | undefined {
  return readStunMessage(bytes, 0, bytes.length, layout);
}

/** The layout of an Allocate response with `rest` octets of attributes and these fields. */
function response(rest: number, fields: object): StunLayout {
  return Object.assign(new StunLayout(), { method: 3, messageClass: 2, length: 20 + rest, ...fields });
}

/** `count` zeros. */
function zeros(count: number): string {
  return '00'.repeat(count);
}

describe('headers', () => {
  it.each([
    ['0001', 0x001, 0],
    ['0002', 0x002, 0],
    ['000f', 0x00f, 0],
    ['0020', 0x010, 0],
    ['00e0', 0x070, 0],
    ['0200', 0x080, 0],
    ['3e00', 0xf80, 0],
    ['3eef', 0xfff, 0],
    ['0010', 0x000, 1],
    ['0100', 0x000, 2],
    ['0110', 0x000, 3],
    ['3fff', 0xfff, 3],
  ])('[TU-01] of type %s have method %i and class %i', (type, method, messageClass) => {
    expect(read(message('', type))).toBeUndefined();
    expect(layout).toEqual(Object.assign(new StunLayout(), { method, messageClass, length: 20 }));
  });

  it.each(['4000', '8000', 'c001'])('[TU-02] of type %s are refused', (type) => {
    expect(read(message('', type))).toBe('stun-not-a-message');
  });

  it('[TU-02] have the length of the message', () => {
    const bytes = message('000d0004 00000258');
    expect(readStunMessage(bytes, 0, 19, layout)).toBe('stun-truncated');
    expect(readStunMessage(bytes, 0, 20, layout)).toBe('stun-wrong-length');
    expect(readStunMessage(bytes, 0, 27, layout)).toBe('stun-wrong-length');
    expect(readStunMessage(Uint8Array.of(...bytes, 0), 0, 29, layout)).toBe('stun-wrong-length');
    expect(readStunMessage(bytes, 0, 28, layout)).toBeUndefined();
  });

  it.each(['0001', '0002', '0003'])('[TU-02] with a length of %s octets are refused', (length) => {
    const bytes = hex(`0001 ${length} 2112a442 000102030405060708090a0b ${zeros(Number(length))}`);
    expect(read(bytes)).toBe('stun-wrong-length');
  });
});

describe('attributes', () => {
  it.each([
    ['0013', 'data'],
    ['0014', 'realm'],
    ['0015', 'nonce'],
    ['0006', 'username'],
    ['001e', 'userHash'],
    ['001d', 'passwordAlgorithm'],
    ['8002', 'passwordAlgorithms'],
    ['0019', 'requestedTransport'],
  ])('[TU-02] of type %s are the %s of the message, of which the first counts', (type, name) => {
    expect(read(message(`${type} 0003 61626300 ${type} 0004 65666768`))).toBeUndefined();
    expect(layout).toEqual(response(16, { [name]: { offset: 24, length: 3 } }));
  });

  it('[TU-02] may be empty, and end the message', () => {
    expect(read(message('0014 0000'))).toBeUndefined();
    expect(layout).toEqual(response(4, { realm: { offset: 24, length: 0 } }));
  });

  it('[TU-02] end where the message ends', () => {
    expect(read(message('0014 0005 61626364 65000000'))).toBeUndefined();
    expect(read(message('0014 0009 61626364 65000000'))).toBe('stun-attribute-too-long');
    expect(layout).toEqual(new StunLayout());
  });

  it('[TU-02] that must be understood are counted where they are unknown', () => {
    expect(read(message('0000 0000 7fff 0000 7ffe 0001 01000000'))).toBeUndefined();
    expect(layout).toEqual(response(16, { unknownRequired: 3 }));
  });

  it.each(['8000', '8001', '8022', 'ffff', '000a', '0001'])('[TU-02] of type %s are skipped', (type) => {
    expect(read(message(`${type} 0004 00010002`))).toBeUndefined();
    expect(layout).toEqual(response(8, {}));
  });
});

describe('endpoints', () => {
  it.each([
    ['0012', 'peer'],
    ['0020', 'mapped'],
    ['0016', 'relayed'],
  ])('[TU-01] of type %s are the %s endpoint, combined with the cookie; the first counts', (type, name) => {
    expect(read(message(`${type} 0008 0001a147 e112a643 ${type} 0008 00012112 2112a442`))).toBeUndefined();
    expect(layout).toEqual(response(24, { [name]: { address, port: 32_853 } }));
  });

  it('[TU-01] of an alternate server are as they are; the first counts', () => {
    expect(read(message('8023 0008 00018055 c0000201 8023 0008 00010001 01010101'))).toBeUndefined();
    expect(layout).toEqual(response(24, { alternate: { address, port: 32_853 } }));
  });

  it('[TU-01] may have port and address 0', () => {
    expect(read(message('0012 0008 00012112 2112a442 0012 0008 0001a147 e112a643'))).toBeUndefined();
    expect(layout).toEqual(response(24, { peer: { address: 0, port: 0 } }));
    expect(layout.peer.isPresent).toBe(true);
  });

  it('[TU-01] of IPv6 count as absent, and the next one counts', () => {
    expect(read(message(`0012 0014 0002 ${zeros(18)} 0012 0008 0001a147 e112a643`))).toBeUndefined();
    expect(layout).toEqual(response(36, { peer: { address, port: 32_853 } }));
  });

  it.each([
    ['IPv4 with 20 octets', `0014 0001 ${zeros(18)}`],
    ['IPv6 with 8 octets', `0008 0002 ${zeros(6)}`],
    ['family 3 with 20 octets', `0014 0003 ${zeros(18)}`],
    ['family 3 with 8 octets', `0008 0003 ${zeros(6)}`],
    ['family 0 with 8 octets', `0008 0000 ${zeros(6)}`],
    ['IPv4 with 7 octets', `0007 0001 ${zeros(6)}`],
    ['IPv4 with 12 octets', `000c 0001 ${zeros(10)}`],
    ['IPv6 with 16 octets', `0010 0002 ${zeros(14)}`],
    ['IPv6 with 24 octets', `0018 0002 ${zeros(22)}`],
    ['no octets', '0000'],
  ])('[TU-02] of %s are refused', (_, attribute) => {
    for (const type of ['0012', '0020', '0016', '8023']) {
      expect(read(message(`${type} ${attribute}`))).toBe('stun-wrong-attribute');
    }
  });
});

describe('numbers', () => {
  it.each([
    ['00000300', 300],
    ['fffffc63', 499],
    ['00000426', 438],
    ['00000663', 699],
    ['00000763', 799],
  ])('[TU-02] the error code of %s is %i; the first counts', (value, errorCode) => {
    expect(read(message(`0009 0004 ${value} 0009 0004 00000500`))).toBeUndefined();
    expect(layout).toEqual(response(16, { errorCode }));
  });

  it.each([
    ['0000', 0],
    ['4000', 0x4000],
    ['ffff', 0xffff],
  ])('[TU-02] the channel number %s is %i; the first counts', (value, channelNumber) => {
    expect(read(message(`000c 0004 ${value}0000 000c 0004 40010000`))).toBeUndefined();
    expect(layout).toEqual(response(16, { channelNumber }));
  });

  it.each([
    ['00000000', 0],
    ['00000001', 1],
    ['ffffffff', 4_294_967_295],
  ])('[TU-02] the lifetime %s is %i; the first counts', (value, lifetime) => {
    expect(read(message(`000d 0004 ${value} 000d 0004 00000258`))).toBeUndefined();
    expect(layout).toEqual(response(16, { lifetime }));
  });

  it.each([
    ['an error code of 3 octets', '0009 0003 00000400'],
    ['an error code with the number 100', '0009 0004 00000464'],
    ['a second error code with the number 100', '0009 0004 00000400 0009 0004 00000464'],
    ['a channel number of 3 octets', '000c 0003 40000000'],
    ['a channel number of 5 octets', '000c 0005 40000000 00000000'],
    ['a lifetime of 3 octets', '000d 0003 00000000'],
    ['a lifetime of 5 octets', '000d 0005 00000000 00000000'],
  ])('[TU-02] %s is refused', (_, attributes) => {
    expect(read(message(attributes))).toBe('stun-wrong-attribute');
  });

  it('[TU-02] an error code may have a reason', () => {
    expect(read(message('0009 0009 00000426 5374616c 65000000'))).toBeUndefined();
    expect(layout).toEqual(response(16, { errorCode: 438 }));
  });
});

describe('authentication values', () => {
  const sha1 = `0008 0014 ${zeros(20)}`;

  it.each([16, 20, 24, 28, 32])('[TU-02] of SHA-256 may have %i octets', (length) => {
    expect(read(message(`001c 00${length.toString(16)} ${zeros(length)}`))).toBeUndefined();
    expect(layout).toEqual(response(4 + length, { integritySha256: { offset: 24, length } }));
  });

  it.each([12, 15, 17, 18, 19, 22, 31, 33, 36])('[TU-02] of SHA-256 must not have %i octets', (length) => {
    const padded = Math.ceil(length / 4) * 4;
    const attribute = `001c ${length.toString(16).padStart(4, '0')} ${zeros(padded)}`;
    expect(read(message(attribute))).toBe('stun-wrong-attribute');
  });

  it.each([16, 19, 24])('[TU-02] of SHA-1 must not have %i octets', (length) => {
    const padded = Math.ceil(length / 4) * 4;
    expect(read(message(`0008 00${length.toString(16)} ${zeros(padded)}`))).toBe('stun-wrong-attribute');
  });

  it('[TU-02] of SHA-1 may be followed by one of SHA-256 alone', () => {
    const bytes = message(`${sha1} 000d 0004 00000258 ${sha1} 001c 0010 ${zeros(16)} 7abc 0000`);
    expect(read(bytes)).toBeUndefined();
    expect(layout).toEqual(
      response(80, { integrity: { offset: 24, length: 20 }, integritySha256: { offset: 80, length: 16 } }),
    );
  });

  it('[TU-02] of SHA-1 are followed by a wrong one of SHA-256', () => {
    expect(read(message(`${sha1} 001c 000c ${zeros(12)}`))).toBe('stun-wrong-attribute');
  });

  it('[TU-02] of SHA-256 are followed by nothing that counts', () => {
    const bytes = message(`001c 0010 ${zeros(16)} 000d 0002 00000000 7abc 0000 ${sha1} 001c 0020 ${zeros(32)}`);
    expect(read(bytes)).toBeUndefined();
    expect(layout).toEqual(response(92, { integritySha256: { offset: 24, length: 16 } }));
  });
});

describe('checksums', () => {
  const bytes = message('000d 0004 00000258 8028 0004 e9bf22f9');

  it('[TU-01] are those of the message where it lies', () => {
    expect(read(bytes)).toBeUndefined();
    expect(readStunMessage(Uint8Array.of(9, 9, 9, ...bytes, 9), 3, 36, layout)).toBeUndefined();
    expect(layout).toEqual(response(16, { offset: 3, lifetime: 600 }));
  });

  it('[TU-02] that differ in one bit are refused', () => {
    for (const index of [20, 24, 27, 32, 35]) {
      const changed = bytes.slice();
      changed[index]! ^= 0x80;
      expect(read(changed)).toBeDefined();
      expect(layout).toEqual(new StunLayout());
    }
  });

  it.each([
    ['3 octets', '8028 0003 00000000'],
    ['no octets', '8028 0000'],
    ['8 octets', '8028 0008 00000000 00000000'],
    ['4 octets before the end', '8028 0004 00000000 7abc 0000'],
  ])('[TU-02] of %s are refused', (_, attributes) => {
    expect(read(message(attributes))).toBe('stun-wrong-attribute');
  });
});

describe('layouts', () => {
  it('[TU-02] forget the message before', () => {
    const full = new StunLayout();
    const numbers = { method: 1, messageClass: 1, offset: 1, length: 1, errorCode: 1, lifetime: 1, channelNumber: 1 };
    Object.assign(full, numbers, { unknownRequired: 1 });
    for (const place of Object.values(full)) {
      if (typeof place !== 'number')
        Object.assign(place, 'port' in place ? { address: 1, port: 1 } : { offset: 1, length: 1 });
    }
    full.clear();
    const endpoint = { address: 0, port: -1 };
    const value = { offset: -1, length: 0 };
    const expected = {
      method: 0,
      messageClass: 0,
      offset: 0,
      length: 0,
      errorCode: 0,
      lifetime: -1,
      channelNumber: -1,
      unknownRequired: 0,
      mapped: endpoint,
      relayed: endpoint,
      peer: endpoint,
      alternate: endpoint,
      data: value,
      realm: value,
      nonce: value,
      username: value,
      userHash: value,
      passwordAlgorithm: value,
      passwordAlgorithms: value,
      integrity: value,
      integritySha256: value,
      requestedTransport: value,
    };
    expect({ ...full }).toEqual(expected);
    expect({ ...new StunLayout() }).toEqual(expected);
  });

  it('return copies of values, which may begin at offset 0', () => {
    const { realm } = new StunLayout();
    const bytes = hex('0102030405');
    expect(realm.isPresent).toBe(false);
    expect(realm.copyFrom(bytes)).toEqual(hex(''));
    Object.assign(realm, { offset: 0, length: 2 });
    expect(realm.isPresent).toBe(true);
    const copy = realm.copyFrom(bytes);
    bytes.fill(9);
    expect(copy).toEqual(hex('0102'));
  });
});
