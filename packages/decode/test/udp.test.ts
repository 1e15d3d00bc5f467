import { parseIpv4 } from '@navalis/address';
import { describe, expect, it } from 'vitest';
import { linkTypes } from '../src/capture/frame.ts';
import { readUdp } from '../src/capture/udp-in-frame.ts';
import { ipv4Packet, onLink } from './captures.ts';

const payload = Uint8Array.of(1, 2, 3, 4);
const packet = ipv4Packet(payload);
const datagram = {
  kind: 'datagram',
  sourceAddress: parseIpv4('192.0.2.1')!,
  sourcePort: 40_000,
  destinationAddress: parseIpv4('198.51.100.2')!,
  destinationPort: 3544,
  payload,
  isCut: false,
};

/** The packet behind this many VLAN tags. */
function tagged(...tags: readonly number[]): Uint8Array {
  const inFront = tags.flatMap((type) => [type >>> 8, type & 0xff, 0, 7]);
  return Uint8Array.of(...new Array<number>(12).fill(2), ...inFront, 0x08, 0, ...packet);
}

/** A change of single octets. */
function changed(bytes: Uint8Array, changes: Readonly<Record<number, number>>): Uint8Array {
  const copy = bytes.slice();
  for (const [at, octet] of Object.entries(changes)) copy[Number(at)] = octet;
  return copy;
}

describe('a frame', () => {
  it.each([0, 1, 101, 108, 113, 228, 276])('of link type %i has a UDP datagram', (linkType) => {
    expect(readUdp({ bytes: onLink(linkType, packet), linkType })).toEqual(datagram);
  });

  it.each([linkTypes.rawOfBsd, linkTypes.rawOfOpenBsd])('of link type %i has one at its start', (linkType) => {
    expect(readUdp({ bytes: packet, linkType })).toEqual(datagram);
  });

  it('of a link that is to be guessed has one at its start or behind an Ethernet header', () => {
    expect(readUdp({ bytes: packet, linkType: undefined })).toEqual(datagram);
    expect(readUdp({ bytes: onLink(1, packet), linkType: undefined })).toEqual(datagram);
  });

  it('of another link type has none, wherever it may stand', () => {
    for (const before of [0, 1, 4, 14]) {
      const bytes = Uint8Array.of(...new Array<number>(before).fill(0), ...packet);
      expect(readUdp({ bytes, linkType: 9999 })).toBeUndefined();
    }
    for (const linkType of [linkTypes.raw, linkTypes.ipv4]) {
      expect(readUdp({ bytes: onLink(1, packet), linkType })).toBeUndefined();
    }
  });

  it('has up to four tags of VLANs, of both kinds', () => {
    for (const tags of [[], [0x8100], [0x88a8, 0x8100], [0x8100, 0x8100, 0x8100, 0x8100]]) {
      expect(readUdp({ bytes: tagged(...tags), linkType: linkTypes.ethernet })).toEqual(datagram);
    }
    const five = [0x8100, 0x8100, 0x8100, 0x8100, 0x8100];
    expect(readUdp({ bytes: tagged(...five), linkType: linkTypes.ethernet })).toBeUndefined();
  });

  it('of another protocol has none, though the octets of one stand behind', () => {
    expect(readUdp({ bytes: tagged(0x86dd), linkType: linkTypes.ethernet })).toBeUndefined();
    const cooked = onLink(276, packet);
    expect(readUdp({ bytes: changed(cooked, { 0: 0x86, 1: 0xdd }), linkType: linkTypes.linuxCooked2 })).toBeUndefined();
  });

  it.each([0, 1, 13, 15, 19])('of %i octets has none', (octets) => {
    for (const linkType of [linkTypes.ethernet, linkTypes.linuxCooked2, linkTypes.raw, undefined]) {
      const bytes = linkType === undefined || linkType === linkTypes.raw ? packet : onLink(linkType, packet);
      expect(readUdp({ bytes: bytes.subarray(0, octets), linkType })).toBeUndefined();
    }
  });
});

describe('an IPv4 packet', () => {
  const read = (bytes: Uint8Array) => readUdp({ bytes, linkType: linkTypes.raw });

  it.each([
    ['of another version', { 0: 0x65 }],
    ['of TCP', { 9: 6 }],
    ['with a header that is too short', { 0: 0x44 }],
    ['with a UDP length of 7', { 24: 0, 25: 7 }],
  ])('%s has no UDP datagram', (_, changes) => {
    expect(read(changed(packet, changes))).toBeUndefined();
  });

  it('with options has its datagram behind them', () => {
    const bytes = Uint8Array.of(...packet.subarray(0, 20), 1, 1, 1, 1, ...packet.subarray(20));
    expect(read(changed(bytes, { 0: 0x46 }))).toEqual(datagram);
  });

  it('may end before its datagram does, but not before the UDP header does', () => {
    expect(read(packet.subarray(0, 31))).toEqual({ ...datagram, payload: Uint8Array.of(1, 2, 3), isCut: true });
    expect(read(packet.subarray(0, 28))).toEqual({ ...datagram, payload: new Uint8Array(0), isCut: true });
    expect(read(packet.subarray(0, 27))).toBeUndefined();
  });

  it('may have a datagram without a payload, and octets of the link behind it', () => {
    const none = { ...datagram, payload: new Uint8Array(0) };
    expect(read(ipv4Packet(new Uint8Array(0)))).toEqual(none);
    expect(read(Uint8Array.of(...packet, 9, 9, 9))).toEqual(datagram);
  });

  it('that is a fragment needs its header only', () => {
    const fragment = ipv4Packet(payload, [1, 2], 0x2003);
    const found = {
      kind: 'fragment',
      sourceAddress: datagram.sourceAddress,
      destinationAddress: datagram.destinationAddress,
      offset: 24,
    };
    expect(read(fragment)).toEqual(found);
    expect(read(fragment.subarray(0, 20))).toEqual(found);
    expect(read(fragment.subarray(0, 19))).toBeUndefined();
    const onEthernet = onLink(1, fragment).subarray(0, 18 + 16);
    expect(readUdp({ bytes: onEthernet, linkType: linkTypes.ethernet })).toBeUndefined();
  });
});
