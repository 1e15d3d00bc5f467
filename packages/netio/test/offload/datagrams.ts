import fc from 'fast-check';
import { tcpPacket, udpPacket } from './packets.ts';

/** The length of each datagram here. */
export const datagramOctets = 120;

export const tcp = (flow: number): Uint8Array => tcpPacket({ sequence: 1, flow }, new Uint8Array(datagramOctets - 60));
const udp = (flow: number): Uint8Array => udpPacket(flow, new Uint8Array(datagramOctets - 48));
export const changed = (packet: Uint8Array, at: number, value: number): Uint8Array => packet.with(at, value);

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
  { weight: 2, arbitrary: fc.constantFrom(...Object.values(kinds)).map((make) => make()) },
  { weight: 1, arbitrary: fc.uint8Array({ minLength: datagramOctets, maxLength: datagramOctets }) },
);

/** Returns true if two datagrams from one endpoint may share a run; written to be obviously right. */
export function shareRun(one: Uint8Array, other: Uint8Array): boolean {
  return isBare(one) && isBare(other) && String(one.slice(8, 40)) === String(other.slice(8, 40));
}

function isBare(datagram: Uint8Array): boolean {
  if (datagram.length <= 40 || datagram[0]! >>> 4 !== 6) return false;
  const payloadLength = datagram[4]! * 256 + datagram[5]!;
  return datagram.length === 40 + payloadLength && [6, 17, 50].includes(datagram[6]!);
}
