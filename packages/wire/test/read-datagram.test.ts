import { DatagramLayout, type MalformedReason, readDatagram } from '@navalis/wire';
import { describe, expect, it } from 'vitest';
import {
  advertisementVector,
  altered,
  bubbleVector,
  clientOriginVector,
  concatenate,
  echoRequestVector,
  nonceAuthenticationVector,
  nonceTrailerVector,
  octets,
  originVector,
  secureAuthenticationVector,
  solicitationVector,
} from './vectors.ts';

const layout = new DatagramLayout();
const empty = { ...new DatagramLayout() };

/** Reads the parts as one datagram that stands in the middle of some memory. */
function read(...parts: readonly Uint8Array[]): MalformedReason | undefined {
  const datagram = concatenate(...parts);
  const memory = new Uint8Array(datagram.length + 64).fill(0x60);
  memory.set(datagram, 10);
  const reason = readDatagram(memory, 10, datagram.length, layout);
  for (const field of [
    'authenticationOffset',
    'originOffset',
    'packetOffset',
    'trailersOffset',
    'nonceOffset',
  ] as const) {
    if (layout[field] >= 10) layout[field] -= 10;
  }
  return reason;
}

const authentication = nonceAuthenticationVector;
const origin = clientOriginVector;
const trailer = nonceTrailerVector;

describe('readDatagram', () => {
  it.each([
    ['packet', [bubbleVector], [-1, -1, 0, 0]],
    ['packet, trailer', [bubbleVector, trailer], [-1, -1, 0, 6]],
    ['origin, packet', [origin, bubbleVector], [-1, 0, 8, 0]],
    ['origin, packet, trailer', [origin, bubbleVector, trailer], [-1, 0, 8, 6]],
    ['authentication, packet', [authentication, solicitationVector], [0, -1, 13, 0]],
    ['authentication, packet, trailer', [authentication, solicitationVector, trailer], [0, -1, 13, 6]],
    ['authentication, origin, packet', [authentication, origin, advertisementVector], [0, 13, 21, 0]],
    ['all', [authentication, origin, advertisementVector, trailer, trailer], [0, 13, 21, 12]],
  ] as const)('[WF-01][WF-09] the order "%s" is legal', (_order, parts, expected) => {
    expect(read(...parts)).toBeUndefined();
    const found = [layout.authenticationOffset, layout.originOffset, layout.packetOffset, layout.trailersLength];
    expect(found).toEqual(expected);
  });

  it.each([
    ['nothing', [], 'empty-datagram'],
    ['origin, authentication, packet', [origin, authentication, advertisementVector], 'element-order'],
    ['trailer, packet', [trailer, bubbleVector], 'not-ipv6'],
    ['origin, trailer, packet', [origin, trailer, bubbleVector], 'not-ipv6'],
    ['origin', [origin], 'truncated-ipv6-header'],
    ['authentication', [authentication], 'truncated-ipv6-header'],
    ['authentication, origin', [authentication, origin], 'truncated-ipv6-header'],
  ] as const)('[WF-01][WF-09] the order "%s" is illegal', (_order, parts, reason) => {
    expect(read(...parts)).toBe(reason);
  });

  it('[WF-02] only first nibble 6 is simple encapsulation', () => {
    for (let nibble = 1; nibble < 16; nibble++) {
      const datagram = altered(bubbleVector, 0, nibble << 4);
      expect(read(datagram), `nibble ${nibble}`).toBe(nibble === 6 ? undefined : 'not-ipv6');
    }
    expect(read(altered(bubbleVector, 0, 0x6f))).toBeUndefined();
    expect(layout.packetOffset).toBe(0);
  });

  it('[WF-03] after a first octet 00 only 00 and 01 name an element', () => {
    for (let second = 0; second < 256; second++) {
      const reason = read(octets('00', second.toString(16).padStart(2, '0')), bubbleVector);
      if (second > 1) expect(reason, `second octet ${second}`).toBe('unknown-encapsulation');
      else expect(reason).not.toBe('unknown-encapsulation');
    }
    expect(read(altered(origin, 1, 0), bubbleVector)).toBeUndefined();
    expect(layout.originOffset).toBe(0);
    expect(read(authentication, solicitationVector)).toBeUndefined();
    expect(layout.authenticationOffset).toBe(0);
    expect(read(octets('00'))).toBe('unknown-encapsulation');
  });

  it('[WF-03] never reads beyond the end: one octet 00 after an element is no element', () => {
    const bytes = concatenate(nonceAuthenticationVector, octets('00 01 00 00'));
    const { length } = nonceAuthenticationVector;
    expect(readDatagram(bytes, 0, length + 1, layout)).toBe('unknown-encapsulation');
    expect(readDatagram(bytes, 0, length + 2, layout)).toBe('repeated-element');
  });

  it('[WF-04][WF-06] reads an origin of exactly 8 octets', () => {
    expect(read(originVector, bubbleVector)).toBeUndefined();
    expect([layout.originAddress, layout.originPort]).toEqual([0x01020304, 337]);
    expect(layout.packetOffset).toBe(8);
    expect(read(originVector.slice(0, 7))).toBe('truncated-origin');
    expect(read(originVector.slice(0, 2))).toBe('truncated-origin');
  });

  it('[WF-07] finds every field of an authentication', () => {
    const bytes = concatenate(secureAuthenticationVector, solicitationVector);
    expect(readDatagram(bytes, 0, bytes.length, layout)).toBeUndefined();
    const text = (offset: number, length: number): string =>
      String.fromCharCode(...bytes.slice(offset, offset + length));
    expect(text(layout.clientIdentifierOffset, layout.clientIdentifierLength)).toBe('alice');
    expect(layout.authenticationValueLength).toBe(20);
    expect(bytes.slice(layout.authenticationValueOffset, layout.authenticationValueOffset + 2)).toEqual(octets('57d7'));
    expect(layout.hasNonce(bytes, octets('0102030405060708'))).toBe(true);
    expect(layout.packetOffset).toBe(38);
    expect(layout.hasNonceOnly).toBe(false);
  });

  it('[WF-08] reads the nonce-only form', () => {
    const bytes = concatenate(altered(authentication, 12, 1), solicitationVector);
    expect(readDatagram(bytes, 0, bytes.length, layout)).toBeUndefined();
    expect(layout.hasNonceOnly).toBe(true);
    expect(layout.confirmation).toBe(1);
    expect(layout.packetOffset).toBe(13);
    expect(layout.hasNonce(bytes, octets('0102030405060708'))).toBe(true);
    for (let index = 0; index < 8; index++) {
      const other = octets('0102030405060708');
      other[index]! ^= 0x80;
      expect(layout.hasNonce(bytes, other)).toBe(false);
    }
    expect(read(solicitationVector)).toBeUndefined();
    expect(layout.hasNonceOnly).toBe(false);
    expect(layout.hasNonce(solicitationVector, octets('fe80000000000000'))).toBe(false);
  });

  it.each([
    ['two origins', [origin, origin, bubbleVector]],
    ['two authentications', [authentication, authentication, solicitationVector]],
    ['authentication, origin, authentication', [authentication, origin, authentication, solicitationVector]],
    ['authentication, two origins', [authentication, origin, origin, advertisementVector]],
  ] as const)('[WF-10] %s are invalid', (_what, parts) => {
    expect(read(...parts)).toBe('repeated-element');
  });

  it.each([
    ['packet', concatenate(advertisementVector)],
    ['origin, packet', concatenate(clientOriginVector, advertisementVector)],
    ['authentication, origin, packet', concatenate(authentication, origin, advertisementVector)],
    ['long authentication, origin, packet', concatenate(secureAuthenticationVector, origin, advertisementVector)],
  ])('[WF-11] "%s" truncated at any length is invalid, with nothing accepted', (_what, datagram) => {
    expect(read(datagram)).toBeUndefined();
    for (let length = 0; length < datagram.length; length++) {
      expect(read(datagram.slice(0, length)), `length ${length}`).toBeDefined();
      expect({ ...layout }, `length ${length}`).toEqual({ ...empty, ...notOffsets() });
    }
  });

  it('[WF-11] identifier and value lengths that run past the end are invalid', () => {
    for (const offset of [2, 3]) {
      const datagram = concatenate(authentication, solicitationVector);
      expect(read(altered(datagram, offset, 48)), 'exactly the rest').toBe('truncated-ipv6-header');
      expect(read(altered(datagram, offset, 49)), 'one more').toBe('truncated-authentication');
    }
  });

  it('[WF-13] flags an authentication around anything but RS and RA', () => {
    expect(read(authentication, solicitationVector)).toBeUndefined();
    expect(layout.authenticationAroundOther).toBe(false);
    expect(read(authentication, origin, advertisementVector)).toBeUndefined();
    expect(layout.authenticationAroundOther).toBe(false);
    for (const packet of [
      bubbleVector,
      echoRequestVector,
      // A trailer that starts like a Router Solicitation is no part of the empty ICMPv6 packet.
      concatenate(altered(bubbleVector, 6, 58), octets('8500')),
      altered(solicitationVector, 6, 17),
    ]) {
      expect(read(authentication, packet)).toBeUndefined();
      expect(layout.authenticationAroundOther).toBe(true);
      expect(read(packet)).toBeUndefined();
      expect(layout.authenticationAroundOther).toBe(false);
    }
  });

  it('[WF-14] Payload Length may be less than the octets present, not more', () => {
    const data = new Uint8Array(20);
    const withLength = (length: number): Uint8Array => concatenate(altered(bubbleVector, 4, 0, length, 17), data);
    expect(read(withLength(20))).toBeUndefined();
    expect([layout.packetLength, layout.trailersLength]).toEqual([60, 0]);
    expect(read(withLength(19))).toBeUndefined();
    expect([layout.packetLength, layout.trailersOffset, layout.trailersLength]).toEqual([59, 59, 1]);
    expect(read(withLength(21))).toBe('ipv6-length-exceeds-datagram');
    expect(read(origin, withLength(21))).toBe('ipv6-length-exceeds-datagram');
    expect(read(bubbleVector.slice(0, 39))).toBe('truncated-ipv6-header');
  });

  it('[WF-15] Payload Length 0 is a packet of 40 octets, jumbo option or not', () => {
    const jumbo = concatenate(altered(bubbleVector, 6, 0), octets('3b00 c204 00010000'), new Uint8Array(100));
    expect(read(jumbo)).toBeUndefined();
    expect([layout.packetLength, layout.trailersLength]).toEqual([40, 108]);
  });

  it('[WF-28] trailers start right after the IPv6 packet and are not part of it', () => {
    expect(read(origin, echoRequestVector, trailer)).toBeUndefined();
    expect([layout.packetOffset, layout.packetLength]).toEqual([8, 64]);
    expect([layout.trailersOffset, layout.trailersLength]).toEqual([72, 6]);
    expect(read(bubbleVector, trailer)).toBeUndefined();
    expect([layout.packetLength, layout.trailersOffset, layout.trailersLength]).toEqual([40, 40, 6]);
  });
});

/** Fields that mean nothing without an authentication and keep what an earlier datagram left. */
function notOffsets(): Partial<DatagramLayout> {
  const { clientIdentifierOffset, authenticationValueOffset, nonceOffset } = layout;
  return { clientIdentifierOffset, authenticationValueOffset, nonceOffset };
}
