import { describe, expect, it } from 'vitest';
import { DatagramLayout, MessageAuthenticator, readDatagram } from '../src/index.ts';
import {
  advertisementVector,
  clientOriginVector,
  concatenate,
  octets,
  secureAuthenticationVector,
  solicitationVector,
} from './vectors.ts';

const clientIdentifier = ascii('alice');
const secret = ascii('teredo-test-secret');
const nonce = octets('0102030405060708');
const authenticator = new MessageAuthenticator({ clientIdentifier, secret, algorithm: 'hmac-sha1' });

function seal(by: MessageAuthenticator, ...rest: readonly Uint8Array[]): Uint8Array {
  const bytes = concatenate(new Uint8Array(by.length).fill(0xa5), ...rest);
  expect(by.begin(bytes, 0, nonce, 0)).toBe(by.length);
  by.finish(bytes, 0, bytes.length);
  return bytes;
}

function verifies(by: MessageAuthenticator, bytes: Uint8Array): boolean {
  const layout = new DatagramLayout();
  return readDatagram(bytes, 0, bytes.length, layout) === undefined && by.verify(bytes, layout);
}

describe('authentication values', () => {
  it('[CL-S-08][CL-S-09] HMAC-SHA1 of a solicitation, and of an advertisement with its origin, as in the vectors', () => {
    expect(seal(authenticator, solicitationVector)).toEqual(
      concatenate(secureAuthenticationVector, solicitationVector),
    );
    const sealed = seal(authenticator, clientOriginVector, advertisementVector);
    expect(sealed.slice(9, 29)).toEqual(octets('85defc1f91870a452d211744c3f860d2e2026bea'));
    expect(verifies(authenticator, sealed)).toBe(true);
  });

  it('[CL-S-09] trailers and the client identifier are not covered', () => {
    const sealed = seal(authenticator, solicitationVector);
    expect(verifies(authenticator, concatenate(sealed, octets('0104deadbeef')))).toBe(true);
    const other = new MessageAuthenticator({ clientIdentifier: octets('00'), secret, algorithm: 'hmac-sha1' });
    expect(seal(other, solicitationVector).slice(5, 25)).toEqual(sealed.slice(9, 29));
  });

  it('[CL-S-11] HMAC-SHA256: 32 octets', () => {
    const other = new MessageAuthenticator({ clientIdentifier, secret, algorithm: 'hmac-sha256' });
    const sealed = seal(other, solicitationVector);
    const expected = octets('472c4528ac7529f6cabfd8ec240f13551bd538171e47184e4d1fcb4bff33b460');
    expect(sealed[3]).toBe(32);
    expect(sealed.slice(9, 41)).toEqual(expected);
    expect(verifies(other, sealed)).toBe(true);
    expect(verifies(authenticator, sealed)).toBe(false);
  });

  it('[CL-S-10] nothing verifies when any octet outside of trailers changes', () => {
    const sealed = seal(authenticator, clientOriginVector, advertisementVector);
    for (let at = 0; at < sealed.length; at++) {
      const forged = sealed.slice();
      forged[at]! ^= 1;
      expect(verifies(authenticator, forged), `octet ${at}`).toBe(false);
    }
  });

  it('[CL-S-10] nothing verifies without an Authentication, or with a value or identifier of another length', () => {
    const sealed = seal(authenticator, solicitationVector);
    const layout = new DatagramLayout();
    const verifiesWith = (change: Partial<Record<keyof DatagramLayout, number>>) => {
      readDatagram(sealed, 0, sealed.length, layout);
      return authenticator.verify(sealed, Object.assign(layout, change));
    };
    expect(verifiesWith({})).toBe(true);
    expect(verifiesWith({ authenticationOffset: -1 })).toBe(false);
    expect(verifiesWith({ authenticationValueLength: 19 })).toBe(false);
    expect(verifiesWith({ authenticationValueLength: 0 })).toBe(false);
    expect(verifiesWith({ clientIdentifierLength: 4 })).toBe(false);
    expect(authenticator.isFor(ascii('alicea'), 0, 6)).toBe(false);
    expect(authenticator.isFor(ascii('xalice'), 1, 5)).toBe(true);
  });

  it('[CL-S-09] the confirmation follows the nonce', () => {
    const bytes = new Uint8Array(80).fill(0xa5);
    const length = authenticator.begin(bytes, 3, nonce, 1);
    expect(length).toBe(4 + 5 + 20 + 8 + 1);
    expect(bytes.slice(3, 12)).toEqual(octets('00010514 616c696365'));
    expect(bytes.slice(3 + 29, 3 + 39)).toEqual(octets('0102030405060708 01 a5'));
  });

  it('an identifier of 255 octets is possible', () => {
    const longest = { clientIdentifier: new Uint8Array(255), secret, algorithm: 'hmac-sha1' } as const;
    expect(new MessageAuthenticator(longest).length).toBe(4 + 255 + 20 + 9);
  });

  it('an identifier is 1 to 255 octets', () => {
    for (const length of [0, 256]) {
      const impossible = { clientIdentifier: new Uint8Array(length), secret, algorithm: 'hmac-sha1' } as const;
      expect(() => new MessageAuthenticator(impossible)).toThrow(
        new RangeError('A client identifier has 1 to 255 octets.'),
      );
    }
  });
});

function ascii(text: string): Uint8Array {
  return Uint8Array.from(text, (character) => character.charCodeAt(0));
}
