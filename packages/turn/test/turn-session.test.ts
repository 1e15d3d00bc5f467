import { readUint16 } from '@navalis/address';
import { bytesToHex, utf8ToBytes } from '@noble/hashes/utils.js';
import { describe, expect, it } from 'vitest';
import { TurnSession } from '../src/client/turn-session.ts';
import {
  isAuthentic,
  longTermKey,
  type PasswordAlgorithm,
  readStunMessage,
  StunLayout,
  StunWriter,
  stunAttributes,
  stunClasses,
  stunMethods,
} from '../src/index.ts';
import { hex, longTermCredentials, sampleUserHash } from './vectors.ts';

const realm = 'example.org';
const id = new Uint8Array(12).fill(7);

interface Challenge {
  readonly nonce?: string;
  readonly realm?: string;
  /** PASSWORD-ALGORITHMS, in hexadecimal. */
  readonly algorithms?: string;
}

function newSession(): TurnSession {
  return new TurnSession(longTermCredentials);
}

/** Gives a session the challenge with these attributes; returns what it says to it. */
function challenge(session: TurnSession, attributes: Challenge): boolean {
  const writer = new StunWriter(4096).begin(stunMethods.allocate, stunClasses.error, id).error(401, '');
  if (attributes.realm !== undefined) writer.value(stunAttributes.realm, utf8ToBytes(attributes.realm));
  if (attributes.nonce !== undefined) writer.value(stunAttributes.nonce, utf8ToBytes(attributes.nonce));
  if (attributes.algorithms !== undefined) writer.value(stunAttributes.passwordAlgorithms, hex(attributes.algorithms));
  const layout = new StunLayout();
  expect(readStunMessage(writer.bytes, 0, writer.length, layout)).toBeUndefined();
  return session.challenge(writer.bytes, layout);
}

/** Returns a session after a challenge that it follows. */
function challenged(attributes: Challenge): TurnSession {
  const session = newSession();
  expect(challenge(session, attributes)).toBe(true);
  return session;
}

/** Returns a request that the session signed. */
function signed(session: TurnSession): Uint8Array {
  const writer = new StunWriter(4096).begin(stunMethods.allocate, stunClasses.request, id);
  session.sign(writer);
  return writer.bytes.slice(0, writer.length);
}

/** Returns the attributes that a session adds, as type and value. */
function attributesOf(session: TurnSession): [number, string][] {
  const bytes = signed(session);
  const attributes: [number, string][] = [];
  for (let at = 20; at < bytes.length; at += 4 + ((readUint16(bytes, at + 2) + 3) & ~3)) {
    const value = bytes.subarray(at + 4, at + 4 + readUint16(bytes, at + 2));
    attributes.push([readUint16(bytes, at), bytesToHex(value)]);
  }
  return attributes;
}

/** Returns the hash and the password algorithm that a session signs with. */
function signatureOf(session: TurnSession): string[] {
  const bytes = signed(session);
  const layout = new StunLayout();
  expect(readStunMessage(bytes, 0, bytes.length, layout)).toBeUndefined();
  const fits: string[] = [];
  for (const hash of ['sha-1', 'sha-256'] as const) {
    for (const algorithm of ['md5', 'sha-256'] as const) {
      const key = longTermKey(longTermCredentials, utf8ToBytes(realm), algorithm);
      if (isAuthentic(bytes, layout, key, hash)) fits.push(`${hash} with ${algorithm}`);
    }
  }
  return fits;
}

function textHex(text: string): string {
  return bytesToHex(utf8ToBytes(text));
}

const nameHex = 'e3839ee38388e383aae38383e382afe382b9';
const realmHex = '6578616d706c652e6f7267';

describe('a session', () => {
  it('signs nothing before a challenge', () => {
    const session = newSession();
    expect(session.isChallenged).toBe(false);
    expect(attributesOf(session)).toEqual([]);
    expect(session.isNonce(new Uint8Array(0))).toBe(true);
    expect(session.isNonce(Uint8Array.of(0))).toBe(false);
  });

  it('signs after a challenge, until it forgets it', () => {
    const session = challenged({ realm, nonce: 'one' });
    expect(session.isChallenged).toBe(true);
    expect(attributesOf(session).map(([type]) => type)).toEqual([0x0006, 0x0014, 0x0015, 0x0008]);
    session.forget();
    expect(session.isChallenged).toBe(false);
    expect(attributesOf(session)).toEqual([]);
  });

  it('[TU-03] signs with the name, realm and nonce, by MD5 and SHA-1', () => {
    const session = challenged({ realm, nonce: 'one' });
    expect(attributesOf(session).slice(0, 3)).toEqual([
      [0x0006, nameHex],
      [0x0014, realmHex],
      [0x0015, '6f6e65'],
    ]);
    expect(signatureOf(session)).toEqual(['sha-1 with md5']);
  });

  it('[TU-03] signs by the algorithms that the server offers', () => {
    const session = challenged({ realm, nonce: 'obMatJos2AAAB', algorithms: '00010000 00020000' });
    expect(attributesOf(session).slice(0, 5)).toEqual([
      [0x0006, nameHex],
      [0x0014, realmHex],
      [0x0015, textHex('obMatJos2AAAB')],
      [0x8002, '0001000000020000'],
      [0x001d, '00020000'],
    ]);
    expect(signatureOf(session)).toEqual(['sha-256 with sha-256']);
  });

  it('[TU-03] signs by MD5 if the server offers that alone', () => {
    const session = challenged({ realm, nonce: 'obMatJos2AAAB', algorithms: '00010000' });
    expect(attributesOf(session).slice(3, 5)).toEqual([
      [0x8002, '00010000'],
      [0x001d, '00010000'],
    ]);
    expect(signatureOf(session)).toEqual(['sha-256 with md5']);
  });

  it('[TU-03] hides the name if the server wants that', () => {
    const session = challenged({ realm, nonce: 'obMatJos2AAAC' });
    expect(attributesOf(session).slice(0, 3)).toEqual([
      [0x001e, bytesToHex(sampleUserHash)],
      [0x0014, realmHex],
      [0x0015, textHex('obMatJos2AAAC')],
    ]);
    expect(signatureOf(session)).toEqual(['sha-1 with md5']);
  });

  it('[TU-03] takes a nonce with another octet for one that announces nothing', () => {
    const session = challenged({ realm, nonce: 'obMatJos2AAA?' });
    expect(attributesOf(session)[0]).toEqual([0x0006, nameHex]);
    expect(signatureOf(session)).toEqual(['sha-1 with md5']);
  });

  it('knows the nonce in use', () => {
    const session = challenged({ realm, nonce: 'one' });
    expect(['one', 'on', 'ones', 'two', 'onf', 'pne', ''].map((text) => session.isNonce(utf8ToBytes(text)))).toEqual([
      true,
      false,
      false,
      false,
      false,
      false,
      false,
    ]);
  });
});

describe('challenges', () => {
  it.each<[string, Challenge]>([
    ['a nonce', { realm }],
    ['octets in the nonce', { realm, nonce: '' }],
    ['a realm', { nonce: 'one' }],
    ['the algorithms that the nonce announces', { realm, nonce: 'obMatJos2AAAB' }],
    ['octets in the algorithms', { realm, nonce: 'obMatJos2AAAB', algorithms: '' }],
    ['a known algorithm', { realm, nonce: 'obMatJos2AAAB', algorithms: '00000000 00030000 01010000' }],
  ])('without %s are not followed', (_, attributes) => {
    const session = newSession();
    expect(challenge(session, attributes)).toBe(false);
    expect(session.isChallenged).toBe(false);
    expect(attributesOf(session)).toEqual([]);
  });

  it('[TU-03] have at most 64 octets in the algorithms, which every signed request repeats', () => {
    const algorithms = (count: number) => Array.from({ length: count }, () => '00020000').join(' ');
    const nonce = 'obMatJos2AAAB';
    expect(challenge(newSession(), { realm, nonce, algorithms: algorithms(16) })).toBe(true);
    expect(challenge(newSession(), { realm, nonce, algorithms: algorithms(17) })).toBe(false);
  });

  it('have at most 763 octets in nonce and realm, and at least one in the nonce', () => {
    const [longest, tooLong] = ['x'.repeat(763), 'x'.repeat(764)];
    expect(challenge(newSession(), { realm, nonce: 'x' })).toBe(true);
    expect(challenge(newSession(), { realm, nonce: longest })).toBe(true);
    expect(challenge(newSession(), { realm, nonce: tooLong })).toBe(false);
    expect(challenge(newSession(), { realm: '', nonce: 'one' })).toBe(true);
    expect(challenge(newSession(), { realm: longest, nonce: 'one' })).toBe(true);
    expect(challenge(newSession(), { realm: tooLong, nonce: 'one' })).toBe(false);
  });

  it('that are not followed leave the session as it was', () => {
    const session = challenged({ realm, nonce: 'one' });
    const before = attributesOf(session);
    expect(challenge(session, { realm: 'other', nonce: '' })).toBe(false);
    expect(challenge(session, { realm: 'x'.repeat(764), nonce: 'two' })).toBe(false);
    expect(challenge(session, { realm: 'other', nonce: 'obMatJos2AAAD' })).toBe(false);
    expect(attributesOf(session)).toEqual(before);
  });

  it('without a realm keep the one of the last challenge', () => {
    const session = challenged({ realm, nonce: 'one' });
    expect(challenge(session, { nonce: 'two' })).toBe(true);
    expect(attributesOf(session).slice(1, 3)).toEqual([
      [0x0014, realmHex],
      [0x0015, '74776f'],
    ]);
    expect(signatureOf(session)).toEqual(['sha-1 with md5']);
    session.forget();
    expect(challenge(session, { nonce: 'three' })).toBe(false);
  });

  it('replace realm, algorithms and the hiding of the name', () => {
    const session = challenged({ realm: 'other', nonce: 'obMatJos2AAAD', algorithms: '00020000' });
    expect(attributesOf(session).map(([type]) => type)).toEqual([0x001e, 0x0014, 0x0015, 0x8002, 0x001d, 0x001c]);
    expect(challenge(session, { realm, nonce: 'one' })).toBe(true);
    expect(attributesOf(session).map(([type]) => type)).toEqual([0x0006, 0x0014, 0x0015, 0x0008]);
    expect(signatureOf(session)).toEqual(['sha-1 with md5']);
  });

  it.each<[string, boolean, boolean]>([
    ['obMatJos2AAAA', false, false],
    ['obMatJos2AAAB', true, false],
    ['obMatJos2AAAC', false, true],
    ['obMatJos2AAAD', true, true],
    ['obMatJos2AAAE', false, false],
    ['obMatJos2AAAH', true, true],
    ['obMatJos2AAA/', true, true],
    ['obMatJos2AAA8', false, false],
    ['obMatJos2AAAB and more', true, false],
    ['obMatJos2DDD', false, false],
    ['obMatJos2', false, false],
    ['obMatJos', false, false],
    ['xbMatJos2AAAD', false, false],
    ['AobMatJos2AAAD', false, false],
    ['plain', false, false],
  ])('have the features that the nonce %s announces', (nonce, hasAlgorithms, hidesName) => {
    const types = attributesOf(challenged({ realm, nonce, algorithms: '00020000' })).map(([type]) => type);
    expect(types.includes(0x8002)).toBe(hasAlgorithms);
    expect(types.includes(0x001e)).toBe(hidesName);
    expect(types.includes(0x0006)).toBe(!hidesName);
  });

  it.each<[string, PasswordAlgorithm | undefined]>([
    ['00010000', 'md5'],
    ['00020000', 'sha-256'],
    ['00010000 00020000', 'sha-256'],
    ['00020000 00010000', 'sha-256'],
    ['00030000 00010000', 'md5'],
    ['00010000 00030000', 'md5'],
    // Parameters are padded to 4 octets.
    ['00030001 00020000 00010000', 'md5'],
    ['00030004 00020000 00010000', 'md5'],
    ['00030005 00020000 00020000 00010000', 'md5'],
    // Parameters that reach over the end.
    ['00030008 00010000', undefined],
    // Parts of a pair.
    ['0001', undefined],
    ['000200', undefined],
    ['00030000 0001', undefined],
    ['00010000 000200', 'md5'],
  ])('with the algorithms %s lead to %s', (algorithms, algorithm) => {
    const session = newSession();
    const isFollowed = challenge(session, { realm, nonce: 'obMatJos2AAAB', algorithms });
    expect(isFollowed).toBe(algorithm !== undefined);
    expect(signatureOf(session)).toEqual(isFollowed ? [`sha-256 with ${algorithm}`] : []);
  });
});

describe('responses', () => {
  /** Returns what a session makes of a response with the authentication value of this key. */
  function accepts(session: TurnSession, key: Uint8Array, hash: 'sha-1' | 'sha-256'): boolean {
    const writer = new StunWriter(200).begin(stunMethods.allocate, stunClasses.success, id).integrity(key, hash);
    const layout = new StunLayout();
    expect(readStunMessage(writer.bytes, 0, writer.length, layout)).toBeUndefined();
    return session.isAuthentic(writer.bytes, layout);
  }

  const md5Key = longTermKey(longTermCredentials, utf8ToBytes(realm), 'md5');
  const sha256Key = longTermKey(longTermCredentials, utf8ToBytes(realm), 'sha-256');

  it('[TU-03] prove the password by SHA-1, or by SHA-256 if the server offers algorithms', () => {
    const plain = challenged({ realm, nonce: 'one' });
    expect(accepts(plain, md5Key, 'sha-1')).toBe(true);
    expect(accepts(plain, md5Key, 'sha-256')).toBe(false);
    expect(accepts(plain, sha256Key, 'sha-1')).toBe(false);
    const better = challenged({ realm, nonce: 'obMatJos2AAAB', algorithms: '00020000' });
    expect(accepts(better, sha256Key, 'sha-256')).toBe(true);
    expect(accepts(better, sha256Key, 'sha-1')).toBe(false);
    expect(accepts(better, md5Key, 'sha-256')).toBe(false);
  });

  it('prove nothing without a challenge', () => {
    const session = newSession();
    expect(accepts(session, new Uint8Array(0), 'sha-1')).toBe(false);
    expect(accepts(session, md5Key, 'sha-1')).toBe(false);
    expect(challenge(session, { realm, nonce: 'one' })).toBe(true);
    session.forget();
    expect(accepts(session, md5Key, 'sha-1')).toBe(false);
  });
});
