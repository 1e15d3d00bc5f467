import { parseIpv4 } from '@navalis/address';
import { utf8ToBytes } from '@noble/hashes/utils.js';
import { describe, expect, it } from 'vitest';
import {
  isAuthentic,
  longTermKey,
  readStunMessage,
  StunLayout,
  StunWriter,
  stunAttributes,
  stunClasses,
  stunMethods,
  userHash,
} from '../src/index.ts';
import {
  hex,
  longTermCredentials,
  sampleIpv4Response,
  sampleIpv6Response,
  sampleLongTermRequest,
  sampleRequest,
  sampleSha256Request,
  sampleUserHash,
  shortTermPassword,
} from './vectors.ts';

const layout = new StunLayout();
const realm = utf8ToBytes('example.org');

function read(bytes: Uint8Array): string | undefined {
  return readStunMessage(bytes, 0, bytes.length, layout);
}

/** A message with a header that fits, and these attributes. */
function message(attributes: string, type = '0103'): Uint8Array {
  const rest = hex(attributes);
  return Uint8Array.of(
    ...hex(type),
    rest.length >>> 8,
    rest.length,
    ...hex('2112a442 000102030405060708090a0b'),
    ...rest,
  );
}

describe('samples of RFC 5769', () => {
  it.each([
    ['request', sampleRequest],
    ['response with IPv4', sampleIpv4Response],
    ['response with IPv6', sampleIpv6Response],
  ])('[TU-01][TU-03] the %s is authentic and has its fingerprint', (_, bytes) => {
    expect(read(bytes)).toBeUndefined();
    expect(isAuthentic(bytes, layout, utf8ToBytes(shortTermPassword), 'sha-1')).toBe(true);
    expect(isAuthentic(bytes, layout, utf8ToBytes('another'), 'sha-1')).toBe(false);
  });

  it('[TU-01] the response with IPv4 has its mapped endpoint', () => {
    read(sampleIpv4Response);
    expect(layout).toMatchObject({
      method: 1,
      messageClass: 2,
      mapped: { address: parseIpv4('192.0.2.1'), port: 32853 },
    });
  });

  it('[TU-01] an endpoint of IPv6 counts as absent', () => {
    read(sampleIpv6Response);
    expect(layout.mapped.isPresent).toBe(false);
  });

  it('[TU-03] the request with long-term credentials is authentic', () => {
    expect(read(sampleLongTermRequest)).toBeUndefined();
    expect(isAuthentic(sampleLongTermRequest, layout, longTermKey(longTermCredentials, realm, 'md5'), 'sha-1')).toBe(
      true,
    );
  });

  it('[TU-03] no octet may change', () => {
    const key = longTermKey(longTermCredentials, realm, 'md5');
    for (let index = 0; index < sampleLongTermRequest.length; index++) {
      const changed = sampleLongTermRequest.slice();
      changed[index]! ^= 1;
      const isTaken = read(changed) === undefined && isAuthentic(changed, layout, key, 'sha-1');
      expect(isTaken).toBe(false);
    }
  });
});

describe('sample of RFC 8489 appendix B', () => {
  it('[TU-03] is authentic with SHA-256', () => {
    expect(read(sampleSha256Request)).toBeUndefined();
    const key = longTermKey(longTermCredentials, realm, 'sha-256');
    expect(isAuthentic(sampleSha256Request, layout, key, 'sha-256')).toBe(true);
    expect(isAuthentic(sampleSha256Request, layout, key, 'sha-1')).toBe(false);
  });

  it('[TU-03] hides the name by the same hash', () => {
    expect(userHash(longTermCredentials.username, realm)).toEqual(sampleUserHash);
    read(sampleSha256Request);
    expect(layout.userHash.copyFrom(sampleSha256Request)).toEqual(sampleUserHash);
  });

  it('[TU-03] is what the writer writes', () => {
    const writer = new StunWriter(512).begin(
      stunMethods.binding,
      stunClasses.request,
      sampleSha256Request.slice(8, 20),
    );
    writer.value(stunAttributes.userHash, userHash(longTermCredentials.username, realm));
    writer.value(stunAttributes.nonce, utf8ToBytes('obMatJos2AAACf//499k954d6OL34oL9FSTvy64sA'));
    writer.value(stunAttributes.realm, realm).word(stunAttributes.passwordAlgorithm, 0x0002_0000);
    writer.integrity(longTermKey(longTermCredentials, realm, 'sha-256'), 'sha-256');
    expect(writer.bytes.slice(0, writer.length)).toEqual(sampleSha256Request);
  });
});

describe('malformed messages', () => {
  it.each([
    ['stun-truncated', hex('0001 0000 2112a442')],
    ['stun-not-a-message', hex('4001 0000 2112a442 000102030405060708090a0b')],
    ['stun-wrong-cookie', hex('0001 0000 2112a443 000102030405060708090a0b')],
    ['stun-wrong-length', hex('0001 0004 2112a442 000102030405060708090a0b')],
    ['stun-wrong-length', hex('0001 0002 2112a442 000102030405060708090a0b 0000')],
    ['stun-attribute-too-long', message('0006 0008 61626364')],
    ['stun-attribute-too-long', message('0006 0001')],
    ['stun-wrong-attribute', message('000d 0002 00000000')],
    ['stun-wrong-attribute', message('0012 0004 00010000')],
    ['stun-wrong-attribute', message('0016 0008 00030000 00000000')],
    ['stun-wrong-attribute', message('0009 0004 00000464')],
    ['stun-wrong-attribute', message('0009 0002 00000000')],
    ['stun-wrong-attribute', message('0008 0004 00000000')],
    ['stun-wrong-attribute', message('001c 0008 0000000000000000')],
    ['stun-wrong-attribute', message('000c 0002 40000000')],
    ['stun-wrong-attribute', message('8028 0004 00000000 80220004 61626364')],
    ['stun-wrong-fingerprint', message('8028 0004 00000000')],
  ])('[TU-02] %s is the reason, and nothing is left in the layout', (reason, bytes) => {
    expect(read(bytes)).toBe(reason);
    expect(layout).toEqual(new StunLayout());
  });

  it('[TU-02] the first of repeated attributes counts', () => {
    expect(read(message('000d0004 00000258 000d0004 00000001'))).toBeUndefined();
    expect(layout.lifetime).toBe(600);
  });

  it('[TU-02] nothing after the authentication value counts', () => {
    expect(read(message(`0008 0014 ${'00'.repeat(20)} 000d0004 00000001 0012 0002 0000 0000`))).toBeUndefined();
    expect(layout.lifetime).toBe(-1);
  });

  it('[TU-02] unknown attributes that must be understood are counted, others are skipped', () => {
    expect(read(message('7abc 0003 01020300 abcd 0000'))).toBeUndefined();
    expect(layout.unknownRequired).toBe(1);
  });

  it('[TU-02] a message is read where it lies', () => {
    const bytes = Uint8Array.of(9, 9, 9, ...message('000d0004 00000258'), 7);
    expect(readStunMessage(bytes, 3, bytes.length - 4, layout)).toBeUndefined();
    expect(layout).toMatchObject({ method: 3, messageClass: 2, lifetime: 600 });
  });
});

describe('the writer', () => {
  it('[TU-01] writes what the reader reads', () => {
    const writer = new StunWriter(256);
    for (const [name, method] of Object.entries(stunMethods)) {
      for (const [kind, messageClass] of Object.entries(stunClasses)) {
        writer.begin(method, messageClass, hex('000102030405060708090a0b'));
        writer.xorEndpoint(stunAttributes.xorRelayedAddress, parseIpv4('203.0.113.9')!, 50_000);
        writer.endpoint(stunAttributes.alternateServer, parseIpv4('198.51.100.1')!, 3478);
        writer.error(438, 'Stale').word(stunAttributes.lifetime, 7).fingerprint();
        expect(readStunMessage(writer.bytes, 0, writer.length, layout), `${name} ${kind}`).toBeUndefined();
        expect(layout).toMatchObject({ method, messageClass, errorCode: 438, lifetime: 7 });
        expect(layout.relayed).toMatchObject({ address: parseIpv4('203.0.113.9'), port: 50_000 });
        expect(layout.alternate).toMatchObject({ address: parseIpv4('198.51.100.1'), port: 3478 });
      }
    }
  });

  it('[TU-01] refuses what does not fit', () => {
    const writer = new StunWriter(32).begin(1, 0, new Uint8Array(12));
    expect(() => writer.value(stunAttributes.nonce, new Uint8Array(20))).toThrow(RangeError);
  });
});
