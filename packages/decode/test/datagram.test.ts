import { parseIpv6 } from '@navalis/address';
import { writeBubble } from '@navalis/wire';
import { describe, expect, it } from 'vitest';
import { explainAddress, explainDatagram } from '../src/index.ts';
import { alice, bob, bubble, echo, solicitation, written } from './cast.ts';

function bubbleWith(...trailers: readonly number[]): Uint8Array {
  return Uint8Array.of(...bubble.subarray(0, 40), ...trailers);
}

describe('the explanation of a datagram', () => {
  it('names authentication, origin and packet', () => {
    expect(explainDatagram(solicitation)).toEqual({
      octets: 82,
      authentication: { clientIdentifier: '61', value: '00'.repeat(20), nonce: '0102030405060708', confirmation: 0 },
      packet: {
        kind: 'router-solicitation',
        source: 'fe80::ffff:ffff:ffff',
        destination: 'ff02::2',
        octets: 48,
        hopLimit: 255,
        nextHeader: 58,
        icmpv6: { type: 133, code: 0, isChecksumRight: true },
      },
    });
    const origin = Uint8Array.of(0, 0, 0x63, 0xbf, 0x3f, 0xff, 0xfd, 0xfe, ...bubble);
    expect(explainDatagram(origin)).toMatchObject({
      origin: { address: '192.0.2.1', port: 40_000 },
      packet: { kind: 'bubble' },
    });
  });

  it('[XC-01] names each trailer of RFC 6081 with its meaning', () => {
    const all = bubbleWith(
      1,
      4,
      1,
      2,
      3,
      4,
      3,
      8,
      0,
      0,
      10,
      0,
      0,
      2,
      0x9c,
      0x40,
      4,
      4,
      1,
      0,
      0,
      0,
      5,
      2,
      0x12,
      0x34,
      0x91,
      1,
      7,
      9,
    );
    expect(explainDatagram(all)).toMatchObject({
      trailers: [
        { name: 'nonce', value: '01020304' },
        { name: 'alternate-address', endpoints: [{ address: '10.0.0.2', port: 40_000 }] },
        { name: 'neighbor-discovery-option', discovery: 'advertisement' },
        { name: 'random-port', port: 0x1234 },
        { name: 'unknown', type: 0x91, value: '07' },
      ],
      remainder: '09',
    });
    expect(explainDatagram(all).dropReason).toBeUndefined();
    expect(explainDatagram(bubbleWith(1, 1, 9, 5, 0, 4, 0, 3, 2, 0, 0))).toMatchObject({
      trailers: [1, 5, 4, 3].map((type) => ({ type, isMalformed: true })),
    });
  });

  it('[XC-03][HP-10][SEC-24] says why every receiver drops it', () => {
    expect(explainDatagram(bubbleWith(0x41, 0))).toMatchObject({
      dropReason: 'unknown-critical-trailer',
      trailers: [{ isCritical: true }],
    });
    expect(explainDatagram(bubbleWith(3, 8, 0, 0, 224, 0, 0, 1, 1, 1)).dropReason).toBe('invalid-alternate-address');
    expect(explainDatagram(Uint8Array.of(0, 1, 0, 0, 1, 2, 3, 4, 5, 6, 7, 8, 0, ...bubble)).dropReason).toBe(
      'authentication-around-other',
    );
    expect(explainDatagram(new Uint8Array(0))).toEqual({ octets: 0, dropReason: 'empty-datagram' });
  });

  it('names ports and flags, and a wrong checksum', () => {
    const wrong = echo.slice();
    wrong[43]! ^= 1;
    expect(explainDatagram(wrong).packet).toMatchObject({
      kind: 'icmpv6',
      icmpv6: { type: 128, isChecksumRight: false },
    });
    const tcp = Uint8Array.of(...echo.subarray(0, 40), ...new Array<number>(20).fill(0));
    tcp.set([20, 6], 5);
    tcp.set([0x01, 0xbb, 0x9c, 0x40], 40);
    tcp.set([0x50, 0x12], 52);
    expect(explainDatagram(tcp).packet).toMatchObject({
      kind: 'tcp',
      ports: { source: 443, destination: 40_000 },
      flags: 'SYN, ACK',
    });
  });
});

describe('the explanation of an address', () => {
  it('names server, mapped endpoint and flags', () => {
    expect(explainAddress(parseIpv6(alice)!)).toEqual({
      address: alice,
      class: 'teredo',
      teredo: {
        server: '203.0.113.120',
        mapped: { address: '192.0.2.1', port: 4096 },
        flags: '0x3c5a',
        isCone: false,
        isUsable: false,
      },
    });
    expect(explainAddress(parseIpv6('2001:0:808:808:8000:63bf:f7f7:f7f7')!).teredo).toMatchObject({
      isCone: true,
      isUsable: true,
    });
  });

  it('says of any other address what it is', () => {
    expect(explainAddress(parseIpv6('::1')!)).toEqual({ address: '::1', class: 'loopback' });
  });

  it('is the same as in a bubble', () => {
    const packet = written((bytes) => writeBubble(bytes, 0, parseIpv6(alice)!, parseIpv6(bob)!));
    expect(explainDatagram(packet).packet).toMatchObject({ source: alice, destination: bob });
  });
});
