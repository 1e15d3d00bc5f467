import { utf8ToBytes } from '@noble/hashes/utils.js';
import { describe, expect, it } from 'vitest';
import { isAuthentic, longTermKey, readStunMessage, StunLayout, StunWriter, userHash } from '../src/index.ts';
import { integrityValue, prepared } from '../src/stun/long-term-credentials.ts';
import { hex } from './vectors.ts';

const realm = utf8ToBytes('realm');
const key = utf8ToBytes('key');
const hashes = ['sha-1', 'sha-256'] as const;

/** A message with the authentication values of these hashes, at `offset` in its memory. */
function authenticated(offset: number, kinds: readonly ('sha-1' | 'sha-256')[]): Uint8Array {
  const writer = new StunWriter(128).begin(4, 0, hex('000102030405060708090a0b')).word(0x000d, 600);
  for (const kind of kinds) writer.integrity(key, kind);
  return Uint8Array.of(...new Uint8Array(offset).fill(7), ...writer.bytes.slice(0, writer.length), 7, 7);
}

/** The layout of the message that `authenticated` returned. */
function layoutOf(bytes: Uint8Array, offset: number): StunLayout {
  const layout = new StunLayout();
  expect(readStunMessage(bytes, offset, bytes.length - offset - 2, layout)).toBeUndefined();
  return layout;
}

describe('names and passwords', () => {
  it.each([
    ['', ''],
    ['user', '75736572'],
    ['a\u00a0b\u3000c\u2003d', '61 20 62 20 63 20 64'],
    ['A\u030a\u212b', 'c385 c385'],
    ['\u00a0\u00a0', '2020'],
    ['a\tb', '61 09 62'],
  ])('[TU-03] "%s" becomes the octets %s', (text, octets) => {
    expect(prepared(text)).toEqual(hex(octets));
  });
});

describe('keys', () => {
  it('[TU-03] are the hash of name, realm and password', () => {
    const credentials = { username: 'user', password: 'pass' };
    expect(longTermKey(credentials, realm, 'md5')).toEqual(hex('8493fbc53ba582fb4c044c456bdc40eb'));
    expect(longTermKey(credentials, realm, 'sha-256')).toEqual(
      hex('07e934117abd40836e7c6329b54731b2b2d2a5f9a71f544922d75e0730d8251b'),
    );
  });

  it('[TU-03] come of the prepared name and password', () => {
    const plain = { username: 'us er', password: 'pa ss' };
    expect(longTermKey({ username: 'us\u00a0er', password: 'pa\u3000ss' }, realm, 'md5')).toEqual(
      longTermKey(plain, realm, 'md5'),
    );
    expect(longTermKey(plain, realm, 'md5')).toEqual(hex('3c925bc9d875a8847eb0bd3c246ec338'));
    expect(userHash('us\u00a0er', realm)).toEqual(
      hex('e258e2ba5f320719accd2fea7f854a8c900a5037b3afedfe0b2def78a28d9b2c'),
    );
  });
});

describe('authentication values', () => {
  it('[TU-03] have the length of the header that ends with them', () => {
    const bytes = hex('0001 ffff 2112a442 000102030405060708090a0b 000d0004 00000258');
    const at = { offset: 0, attribute: 28 };
    expect(integrityValue(bytes, at, key, { hash: 'sha-1', octets: 20 })).toEqual(
      hex('d198996cf458885e32a5eeadb63d9f4c7397e74c'),
    );
    expect(integrityValue(bytes, at, key, { hash: 'sha-256', octets: 32 })).toEqual(
      hex('40df5336edf0d40dea169a4d2701d8a73d9d074833b2c0ec75e9a726dd197b21'),
    );
    expect(integrityValue(bytes, at, key, { hash: 'sha-256', octets: 16 })).toEqual(
      hex('f9f6b1baa54bf57556a37fd29bbf2cac'),
    );
    const later = Uint8Array.of(1, 2, 3, 4, 5, ...bytes);
    expect(integrityValue(later, { offset: 5, attribute: 33 }, key, { hash: 'sha-1', octets: 20 })).toEqual(
      hex('d198996cf458885e32a5eeadb63d9f4c7397e74c'),
    );
    expect(bytes.slice(0, 4)).toEqual(hex('0001 ffff'));
  });

  it.each(hashes)('[TU-03] of %s are right wherever the message lies', (hash) => {
    for (const offset of [0, 5]) {
      const bytes = authenticated(offset, [hash]);
      const layout = layoutOf(bytes, offset);
      expect(isAuthentic(bytes, layout, key, hash)).toBe(true);
      expect(isAuthentic(bytes, layout, utf8ToBytes('kez'), hash)).toBe(false);
    }
  });

  it.each(hashes)('[TU-03] of %s differ when any octet of theirs does', (hash) => {
    const bytes = authenticated(0, [hash]);
    const layout = layoutOf(bytes, 0);
    for (let index = 32; index < bytes.length - 2; index++) {
      bytes[index]! ^= 0x80;
      expect(isAuthentic(bytes, layout, key, hash), `octet ${index}`).toBe(false);
      bytes[index]! ^= 0x80;
    }
    expect(isAuthentic(bytes, layout, key, hash)).toBe(true);
  });

  it('[TU-03] of both hashes are right, and one of the other hash is none', () => {
    const both = authenticated(0, hashes);
    expect(hashes.map((hash) => isAuthentic(both, layoutOf(both, 0), key, hash))).toEqual([true, true]);
    const first = authenticated(0, ['sha-1']);
    expect(hashes.map((hash) => isAuthentic(first, layoutOf(first, 0), key, hash))).toEqual([true, false]);
    const second = authenticated(0, ['sha-256']);
    expect(hashes.map((hash) => isAuthentic(second, layoutOf(second, 0), key, hash))).toEqual([false, true]);
    const none = authenticated(0, []);
    expect(hashes.map((hash) => isAuthentic(none, layoutOf(none, 0), key, hash))).toEqual([false, false]);
  });

  it('[TU-03] of SHA-256 may be shortened to 16 octets', () => {
    const bytes = authenticated(0, ['sha-256']).slice(0, 48);
    bytes[3] = 28;
    bytes[31] = 16;
    bytes.set(hex('88fb6b5be50f3ef3ba6e5917cd4bb931'), 32);
    const layout = new StunLayout();
    expect(readStunMessage(bytes, 0, 48, layout)).toBeUndefined();
    expect(isAuthentic(bytes, layout, key, 'sha-256')).toBe(true);
    bytes[47]! ^= 1;
    expect(isAuthentic(bytes, layout, key, 'sha-256')).toBe(false);
  });
});
