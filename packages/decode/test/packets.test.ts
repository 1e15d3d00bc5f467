import { parseIpv6 } from '@navalis/address';
import { writeBubble, writeEchoReplyInPlace, writeIcmpv6Checksum, writeRouterSolicitation } from '@navalis/wire';
import { writeRouterAdvertisement } from '@navalis/wire/server';
import { describe, expect, it } from 'vitest';
import { explainDatagram } from '../src/index.ts';
import { alice, bob, bubble, echo, written } from './cast.ts';

const [aliceValue, bobValue] = [parseIpv6(alice)!, parseIpv6(bob)!];
const linkLocal = parseIpv6('fe80::1')!;

/** A packet from alice to bob with this payload. */
function packetOf(nextHeader: number, payload: readonly number[]): Uint8Array {
  const packet = new Uint8Array(40 + payload.length);
  writeBubble(packet, 0, aliceValue, bobValue);
  packet[5] = payload.length;
  packet[6] = nextHeader;
  packet.set(payload, 40);
  return packet;
}

/** The explanation of a packet from alice to bob, without what all have. */
function detailsOf(packet: Uint8Array): unknown {
  const { source, destination, octets, hopLimit, nextHeader, ...details } = explainDatagram(packet).packet!;
  expect([octets, nextHeader]).toEqual([packet.length, packet[6]]);
  return details;
}

const zeros = (count: number): number[] => new Array<number>(count).fill(0);
const ports = [0x01, 0xbb, 0x9c, 0x40];

describe('the explanation of a packet', () => {
  it('tells a bubble from a packet without a next header that carries octets', () => {
    expect(detailsOf(bubble.subarray(0, 40))).toEqual({ kind: 'bubble' });
    expect(detailsOf(packetOf(59, [1, 2, 3, 4]))).toEqual({ kind: 'no-next-header' });
    expect(detailsOf(packetOf(59, [...ports, 0, 8, 0, 0]))).toEqual({ kind: 'no-next-header' });
  });

  it('names the ports of UDP and TCP, where their headers are whole', () => {
    const told = { source: 443, destination: 40_000 };
    expect(detailsOf(packetOf(17, [...ports, 0, 8, 0, 0]))).toEqual({ kind: 'udp', ports: told });
    expect(detailsOf(packetOf(17, ports))).toEqual({ kind: 'other' });
    const tcp = [...ports, ...zeros(8), 0x50, 0, ...zeros(6)];
    expect(detailsOf(packetOf(6, tcp))).toEqual({ kind: 'tcp', ports: told, flags: '' });
    expect(detailsOf(packetOf(6, tcp.slice(0, 19)))).toEqual({ kind: 'other' });
    expect(detailsOf(packetOf(132, tcp))).toEqual({ kind: 'other' });
  });

  it('names the flags of TCP, lowest first', () => {
    const flagsOf = (flags: number) => detailsOf(packetOf(6, [...ports, ...zeros(8), 0x50, flags, ...zeros(6)]));
    expect(flagsOf(0x3f)).toMatchObject({ flags: 'FIN, SYN, RST, PSH, ACK, URG' });
    expect([1, 2, 4, 8, 16, 32, 64].map((flag) => (flagsOf(flag) as { flags: string }).flags)).toEqual([
      'FIN',
      'SYN',
      'RST',
      'PSH',
      'ACK',
      'URG',
      '',
    ]);
  });

  it('names echo requests and replies', () => {
    const icmpv6 = { type: 128, code: 0, isChecksumRight: true };
    const told = { identifier: 7, sequence: 9, dataOctets: 4 };
    expect(detailsOf(echo)).toEqual({ kind: 'echo-request', icmpv6, echo: told });
    const reply = echo.slice();
    writeEchoReplyInPlace(reply, 0, bobValue);
    expect(detailsOf(reply)).toEqual({ kind: 'echo-reply', icmpv6: { ...icmpv6, type: 129 }, echo: told });
  });

  it('names router solicitations, and other ICMPv6 by its type', () => {
    const solicitation = written((bytes) => writeRouterSolicitation(bytes, 0, linkLocal));
    const icmpv6 = { type: 133, code: 0, isChecksumRight: true };
    expect(detailsOf(solicitation)).toEqual({ kind: 'router-solicitation', icmpv6 });
    const forwarded = solicitation.slice();
    forwarded[7] = 254;
    expect(detailsOf(forwarded)).toEqual({ kind: 'icmpv6', icmpv6 });
    const unreachable = packetOf(58, [1, 3, ...zeros(10)]);
    writeIcmpv6Checksum(unreachable, 0);
    expect(detailsOf(unreachable)).toEqual({ kind: 'icmpv6', icmpv6: { type: 1, code: 3, isChecksumRight: true } });
  });

  it('names the prefixes and the MTU of router advertisements', () => {
    const fields = {
      source: linkLocal,
      destination: parseIpv6('fe80::2')!,
      prefixes: [
        {
          prefix: parseIpv6('2001:0:cb00:7178::')!,
          length: 64,
          flags: 0x40,
          validLifetime: 0xffffffff,
          preferredLifetime: 0xffffffff,
        },
      ],
    };
    const advertisement = written((bytes) => writeRouterAdvertisement(bytes, 0, { ...fields, mtu: 1280 }));
    const icmpv6 = { type: 134, code: 0, isChecksumRight: true };
    const prefixes = ['2001:0:cb00:7178::/64'];
    expect(detailsOf(advertisement)).toEqual({
      kind: 'router-advertisement',
      icmpv6,
      advertisement: { prefixes, mtu: 1280 },
    });
    const without = written((bytes) => writeRouterAdvertisement(bytes, 0, fields));
    expect(detailsOf(without)).toStrictEqual({ kind: 'router-advertisement', icmpv6, advertisement: { prefixes } });
  });
});

describe('the explanation of a datagram', () => {
  it('has an authentication without what is empty', () => {
    const nonce = [1, 2, 3, 4, 5, 6, 7, 8];
    const packet = written((bytes) => writeRouterSolicitation(bytes, 0, linkLocal));
    expect(explainDatagram(Uint8Array.of(0, 1, 0, 0, ...nonce, 5, ...packet)).authentication).toEqual({
      nonce: '0102030405060708',
      confirmation: 5,
    });
    expect(explainDatagram(Uint8Array.of(0, 1, 1, 1, 0x61, 0x0a, ...nonce, 0, ...packet)).authentication).toEqual({
      clientIdentifier: '61',
      value: '0a',
      nonce: '0102030405060708',
      confirmation: 0,
    });
  });

  it('[CL-R-32] says that a routing header of type 0 is refused', () => {
    const routed = packetOf(43, [59, 0, 0, 1, ...zeros(4)]);
    expect(explainDatagram(routed).dropReason).toBe('routing-header');
    const [, ...others] = [0, 2, 3, 4].map((type) => explainDatagram(packetOf(43, [59, 0, type, 0, ...zeros(4)])));
    expect(others.map(({ dropReason }) => dropReason)).toEqual([undefined, undefined, undefined]);
  });

  it('[XC-03] minds trailers of bubbles only, and shows those of any packet', () => {
    const data = packetOf(17, [...ports, 0, 8, 0, 0]);
    const explained = explainDatagram(Uint8Array.of(...data, 0x41, 0, 7));
    expect(explained.dropReason).toBeUndefined();
    expect(explained).toMatchObject({
      trailers: [{ type: 0x41, name: 'unknown', value: '', isCritical: true }],
      remainder: '07',
    });
    expect(explainDatagram(Uint8Array.of(...bubble.subarray(0, 40), 9))).toMatchObject({
      trailers: [],
      remainder: '09',
    });
  });
});

describe('the explanation of trailers', () => {
  const trailerOf = (...octets: readonly number[]) =>
    explainDatagram(Uint8Array.of(...bubble.subarray(0, 40), ...octets)).trailers;

  it.each([
    [[1, 4, 1, 2, 3, 4], { type: 1, name: 'nonce', value: '01020304' }],
    [[1, 5, 1, 2, 3, 4, 5], { type: 1, name: 'nonce', value: '0102030405', isMalformed: true }],
    [[5, 2, 0x12, 0x34], { type: 5, name: 'random-port', value: '1234', port: 0x1234 }],
    [[5, 3, 1, 2, 3], { type: 5, name: 'random-port', value: '010203', isMalformed: true }],
    [[4, 4, 0, 0, 0, 0], { type: 4, name: 'neighbor-discovery-option', value: '00000000', discovery: 'solicitation' }],
    [[4, 4, 1, 0, 0, 0], { type: 4, name: 'neighbor-discovery-option', value: '01000000', discovery: 'advertisement' }],
    [[4, 4, 2, 0, 0, 0], { type: 4, name: 'neighbor-discovery-option', value: '02000000', discovery: 'unknown' }],
    [[4, 3, 0, 0, 0], { type: 4, name: 'neighbor-discovery-option', value: '000000', isMalformed: true }],
    [[0x91, 0], { type: 0x91, name: 'unknown', value: '' }],
  ])('[XC-01][XC-07] %j', (octets, trailer) => {
    expect(trailerOf(...octets)).toEqual([trailer]);
  });

  it('[HP-07] names one to four alternate endpoints', () => {
    const entries = [1, 2, 3, 4, 5].map((last) => [10, 0, 0, last, 0x9c, 0x40 + last]);
    const endpoints = [1, 2, 3, 4].map((last) => ({ address: `10.0.0.${last}`, port: 40_000 + last }));
    const four = [3, 26, 0, 0, ...entries.slice(0, 4).flat()];
    expect(trailerOf(...four)).toMatchObject([{ name: 'alternate-address', endpoints }]);
    expect(trailerOf(...four)?.[0]).not.toHaveProperty('isMalformed');
    const five = trailerOf(3, 32, 0, 0, ...entries.flat())?.[0];
    expect([five?.isMalformed, five?.endpoints]).toEqual([true, undefined]);
  });
});
