import { DatagramLayout, readDatagram } from '@navalis/wire';
import { describe, expect, it } from 'vitest';
import {
  bubbleVector,
  concatenate,
  nonceAuthenticationVector,
  octets,
  originVector,
  secureAuthenticationVector,
  solicitationVector,
} from './vectors.ts';

const nothing = {
  authenticationOffset: -1,
  clientIdentifierOffset: 0,
  clientIdentifierLength: 0,
  authenticationValueOffset: 0,
  authenticationValueLength: 0,
  nonceOffset: 0,
  confirmation: 0,
  authenticationAroundOther: false,
  originOffset: -1,
  originAddress: 0,
  originPort: 0,
  packetOffset: -1,
  packetLength: 0,
  trailersOffset: -1,
  trailersLength: 0,
};

describe('the layout of a datagram', () => {
  it('starts with nothing found', () => {
    expect({ ...new DatagramLayout() }).toEqual(nothing);
  });

  it('[WF-10] clears the last datagram when the next is malformed', () => {
    const layout = new DatagramLayout();
    const confirming = secureAuthenticationVector.slice();
    confirming[confirming.length - 1] = 1;
    const full = concatenate(confirming, originVector, bubbleVector, octets('0104deadbeef'));
    expect(readDatagram(full, 0, full.length, layout)).toBeUndefined();
    expect(layout).toMatchObject({ confirmation: 1, authenticationAroundOther: true, trailersLength: 6 });
    expect(readDatagram(octets('00'), 0, 1, layout)).toBe('unknown-encapsulation');
    // Offsets within an Authentication mean nothing without one.
    const { clientIdentifierOffset, authenticationValueOffset, nonceOffset } = layout;
    expect({ ...layout }).toEqual({ ...nothing, clientIdentifierOffset, authenticationValueOffset, nonceOffset });
  });

  it('[WF-08] distinguishes the nonce-only form from all others', () => {
    const layoutOf = (...parts: readonly Uint8Array[]) => {
      const datagram = concatenate(...parts);
      const layout = new DatagramLayout();
      readDatagram(datagram, 0, datagram.length, layout);
      return layout;
    };
    expect(layoutOf(nonceAuthenticationVector, solicitationVector).hasNonceOnly).toBe(true);
    expect(layoutOf(solicitationVector).hasNonceOnly).toBe(false);
    expect(layoutOf(octets('00010100 aa 0102030405060708 00'), solicitationVector).hasNonceOnly).toBe(false);
    expect(layoutOf(octets('00010001 aa 0102030405060708 00'), solicitationVector).hasNonceOnly).toBe(false);
  });

  it('[CL-S-05] has a nonce only in an Authentication', () => {
    const nonce = octets('0102030405060708');
    const layout = new DatagramLayout();
    // Without an Authentication, these eight octets are none of its nonce.
    const bytes = concatenate(nonce, solicitationVector);
    expect(layout.hasNonce(bytes, nonce)).toBe(false);
    const datagram = concatenate(nonceAuthenticationVector, solicitationVector);
    readDatagram(datagram, 0, datagram.length, layout);
    expect(layout.hasNonce(datagram, nonce)).toBe(true);
    for (let at = 0; at < 8; at++) {
      const other = nonce.slice();
      other[at]! ^= 1;
      expect(layout.hasNonce(datagram, other)).toBe(false);
    }
  });

  it('[WF-03] finds elements also at the very start of the memory', () => {
    const layout = new DatagramLayout();
    const read = (...parts: readonly Uint8Array[]) => {
      const datagram = concatenate(...parts);
      return readDatagram(datagram, 0, datagram.length, layout);
    };
    // Octets behind the datagram are not part of it.
    expect(readDatagram(concatenate(originVector, bubbleVector), 0, 1, layout)).toBe('unknown-encapsulation');
    expect(read(nonceAuthenticationVector, nonceAuthenticationVector, solicitationVector)).toBe('repeated-element');
    expect(read(originVector, originVector, bubbleVector)).toBe('repeated-element');
    expect(read(originVector, nonceAuthenticationVector, solicitationVector)).toBe('element-order');
    expect(read(nonceAuthenticationVector, bubbleVector)).toBeUndefined();
    expect(layout.authenticationAroundOther).toBe(true);
    expect(read(nonceAuthenticationVector, solicitationVector)).toBeUndefined();
    expect(layout.authenticationAroundOther).toBe(false);
  });
});
