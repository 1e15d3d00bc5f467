import fc from 'fast-check';
import { tcpPacket, udpPacket } from './packets.ts';

/** The length of each datagram here. */
export const datagramOctets = 120;

export const tcp = (flow: number): Uint8Array => tcpPacket({ sequence: 1, flow }, new Uint8Array(datagramOctets - 60));
const udp = (flow: number): Uint8Array => udpPacket(flow, new Uint8Array(datagramOctets - 48));
export const changed = (packet: Uint8Array, at: number, value: number): Uint8Array => packet.with(at, value);

/** ChannelData of a TURN server (RFC 8656 12.4), of so many octets in all, with a packet of a flow. */
export function framed(flow: number, channel = 0x4001, octets: number = datagramOctets): Uint8Array {
  const packet = tcpPacket({ sequence: 1, flow }, new Uint8Array(octets - 64));
  return Uint8Array.of(channel >>> 8, channel, packet.length >>> 8, packet.length, ...packet);
}

/** Datagrams that may be between ChannelData of a flow and share no run with it. */
export const framedKinds: Readonly<Record<string, () => Uint8Array>> = {
  'ChannelData of another channel': () => framed(0, 0x4002),
  'ChannelData of another flow': () => framed(1),
  'ChannelData with padding': () => changed(framed(0), 3, datagramOctets - 8),
  'ChannelData longer than its datagram': () => changed(framed(0), 3, datagramOctets),
  'ChannelData of a packet with a trailer': () => changed(framed(0), 9, datagramOctets - 48),
  'ChannelData of ICMPv6': () => changed(framed(0), 10, 58),
  'ChannelData of a packet in a tunnel': () => changed(framed(0), 4, 0x45),
  'a STUN message': () => changed(framed(0), 0, 0x01),
  'another range of channels': () => changed(framed(0), 0, 0x50),
  'a bare packet': () => tcp(0),
};

/** Datagrams that may be between the packets of a flow and share no run with them. */
export const kinds: Readonly<Record<string, () => Uint8Array>> = {
  'a packet from another source': () => tcp(1),
  'a packet to another destination': () => changed(tcp(0), 39, 9),
  'a packet with a trailer': () => changed(tcp(0), 5, datagramOctets - 40 - 4),
  'a packet longer than its datagram': () => changed(tcp(0), 5, datagramOctets - 39),
  'an origin indication': () => Uint8Array.from([0, 0, 1, 2, 3, 4, 5, 6, ...tcp(0).subarray(0, datagramOctets - 8)]),
  authentication: () => Uint8Array.from([0, 1, 0, 0, ...tcp(0).subarray(0, datagramOctets - 4)]),
  ICMPv6: () => changed(tcp(0), 6, 58),
  'no next header': () => changed(tcp(0), 6, 59),
  'a routing header': () => changed(tcp(0), 6, 43),
  'destination options': () => changed(tcp(0), 6, 60),
  'a fragment': () => changed(tcp(0), 6, 44),
  IPv4: () => changed(tcp(0), 0, 0x45),
};

/** Mostly packets of two flows, mixed with everything else. */
export const anyDatagram: fc.Arbitrary<Uint8Array> = fc.oneof(
  { weight: 8, arbitrary: fc.constantFrom(0, 0, 0, 1).map(tcp) },
  { weight: 4, arbitrary: fc.constantFrom(0, 1).map(udp) },
  { weight: 6, arbitrary: fc.constantFrom(0, 0, 0, 1).map((flow) => framed(flow)) },
  {
    weight: 3,
    arbitrary: fc.constantFrom(...Object.values(kinds), ...Object.values(framedKinds)).map((make) => make()),
  },
  { weight: 1, arbitrary: fc.uint8Array({ minLength: datagramOctets, maxLength: datagramOctets }) },
);

/** Returns true if two datagrams from one endpoint may share a run; written to be obviously right. */
export function shareRun(one: Uint8Array, other: Uint8Array): boolean {
  const [left, right] = [contentOf(one), contentOf(other)];
  if (left.channel !== right.channel || !isBare(left.packet) || !isBare(right.packet)) return false;
  return String(left.packet.slice(8, 40)) === String(right.packet.slice(8, 40));
}

/** Returns the packet in a datagram, and the channel number of the ChannelData around it; 0 if it is none, or not filled by it. */
function contentOf(datagram: Uint8Array): { readonly channel: number; readonly packet: Uint8Array } {
  const [high = 0, low = 0, ...length] = datagram.slice(0, 4);
  const channel = high * 256 + low;
  const isFilled = datagram.length > 4 && length[0]! * 256 + length[1]! === datagram.length - 4;
  if (channel < 0x4000 || channel > 0x4fff || !isFilled) return { channel: 0, packet: datagram };
  return { channel, packet: datagram.slice(4) };
}

function isBare(datagram: Uint8Array): boolean {
  if (datagram.length <= 40 || datagram[0]! >>> 4 !== 6) return false;
  const payloadLength = datagram[4]! * 256 + datagram[5]!;
  return datagram.length === 40 + payloadLength && [6, 17, 50].includes(datagram[6]!);
}
