import * as wire from '@navalis/wire';
import {
  DatagramLayout,
  readDatagram,
  writeAuthentication,
  writeBubble,
  writeHopLimit,
  writeNonceAuthentication,
} from '@navalis/wire';
import { writeOriginIndication } from '@navalis/wire/server';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  bubbleVector,
  clientAddress,
  clientOriginVector,
  concatenate,
  nonceAuthenticationVector,
  octets,
  originVector,
  peerAddress,
  secureAuthenticationVector,
  solicitationVector,
  written,
} from './vectors.ts';

const anyIpv4 = fc.integer({ min: 0, max: 0xffffffff });

describe('origin indications', () => {
  it('[WF-06] 1.2.3.4 port 337 is 0000FEAEFEFDFCFB', () => {
    expect(written((bytes, offset) => writeOriginIndication(bytes, offset, 0x01020304, 337))).toEqual(originVector);
  });

  it('[WF-04] writes the vector of a client', () => {
    expect(written((bytes, offset) => writeOriginIndication(bytes, offset, 0xc0000201, 4096))).toEqual(
      clientOriginVector,
    );
  });

  it('[WF-04][WF-05] reads back what it writes, obfuscated by all ones', () => {
    const layout = new DatagramLayout();
    fc.assert(
      fc.property(anyIpv4, fc.nat(0xffff), (address, port) => {
        const origin = written((bytes, offset) => writeOriginIndication(bytes, offset, address, port));
        const datagram = concatenate(origin, bubbleVector);
        expect(readDatagram(datagram, 0, datagram.length, layout)).toBeUndefined();
        expect([layout.originAddress, layout.originPort]).toEqual([address, port]);
        const once = BigInt.asUintN(48, ~((BigInt(port) << 32n) | BigInt(address)));
        expect(origin).toEqual(octets('0000', once.toString(16).padStart(12, '0')));
      }),
    );
  });

  it('[WF-12] clients and relays have no way to write one', () => {
    expect(Object.keys(wire).filter((name) => /^write/.test(name) && /origin|advertisement/i.test(name))).toEqual([]);
    expect(Object.keys(wire)).toContain('writeBubble');
  });
});

describe('authentications', () => {
  it('[WF-08] writes the nonce-only form', () => {
    const nonce = octets('0102030405060708');
    expect(written((bytes, offset) => writeNonceAuthentication(bytes, offset, nonce))).toEqual(
      nonceAuthenticationVector,
    );
  });

  it('[WF-07] writes the vector of the packet layouts', () => {
    const fields = {
      clientIdentifier: octets('616c696365'),
      authenticationValue: octets('57d7af2c42789657ab89a491ae3dd747db25c06d'),
      nonce: octets('0102030405060708'),
      confirmation: 0,
    };
    expect(written((bytes, offset) => writeAuthentication(bytes, offset, fields))).toEqual(secureAuthenticationVector);
  });

  it('[WF-07] reads back every combination of lengths', () => {
    const layout = new DatagramLayout();
    for (const identifierLength of [0, 1, 20, 255]) {
      for (const valueLength of [0, 1, 20, 255]) {
        const fields = {
          clientIdentifier: new Uint8Array(identifierLength).fill(0x61),
          authenticationValue: new Uint8Array(valueLength).fill(0x62),
          nonce: octets('6364656667686970'),
          confirmation: 0x63,
        };
        const element = written((bytes, offset) => writeAuthentication(bytes, offset, fields));
        expect(element.length).toBe(13 + identifierLength + valueLength);
        const datagram = concatenate(element, solicitationVector);
        expect(readDatagram(datagram, 0, datagram.length, layout)).toBeUndefined();
        expect(layout.packetOffset).toBe(element.length);
        const { clientIdentifierOffset: identifier, authenticationValueOffset: value } = layout;
        expect(layout.clientIdentifierLength).toBe(identifierLength);
        expect(layout.authenticationValueLength).toBe(valueLength);
        expect(datagram.slice(identifier, identifier + identifierLength)).toEqual(fields.clientIdentifier);
        expect(datagram.slice(value, value + valueLength)).toEqual(fields.authenticationValue);
        expect(layout.hasNonce(datagram, fields.nonce)).toBe(true);
        expect(layout.confirmation).toBe(0x63);
      }
    }
  });

  it('refuses lengths that no authentication has', () => {
    const good = {
      clientIdentifier: octets(),
      authenticationValue: octets(),
      nonce: new Uint8Array(8),
      confirmation: 0,
    };
    const bytes = new Uint8Array(1000);
    expect(() => writeAuthentication(bytes, 0, { ...good, clientIdentifier: new Uint8Array(256) })).toThrow(RangeError);
    expect(() => writeAuthentication(bytes, 0, { ...good, authenticationValue: new Uint8Array(256) })).toThrow(
      RangeError,
    );
    expect(() => writeAuthentication(bytes, 0, { ...good, nonce: new Uint8Array(7) })).toThrow(
      new RangeError('An Authentication holds at most 255 octets each of identifier and value, and a nonce of 8.'),
    );
  });
});

describe('bubbles', () => {
  it('[WF-16][WF-18] writes the vector: header only, class 0, label 0, hop limit 255', () => {
    expect(written((bytes, offset) => writeBubble(bytes, offset, clientAddress, peerAddress))).toEqual(bubbleVector);
  });

  it('[WF-18] local discovery uses hop limit 1', () => {
    const bubble = written((bytes, offset) => {
      const length = writeBubble(bytes, offset, clientAddress, peerAddress);
      writeHopLimit(bytes, offset, 1);
      return length;
    });
    expect(bubble[7]).toBe(1);
    bubble[7] = 255;
    expect(bubble).toEqual(bubbleVector);
  });
});
