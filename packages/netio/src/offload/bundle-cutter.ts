import { readUint16 } from '@navalis/address';
import type { PacketRun } from '@navalis/engine';
import {
  ipv6AddressesOctets,
  ipv6HeaderOctets,
  ipv6NextHeaderOffset,
  ipv6PayloadLengthOffset,
  ipv6SourceOffset,
  tcpProtocol,
  udpProtocol,
} from '@navalis/wire';

/** Encapsulating security payload (RFC 4303): like TCP and UDP, nothing that a Teredo node looks into. */
const espProtocol = 50;

/**
 * How many datagrams at the beginning of a bundle make one run: those after the first that, like it, hold one IPv6
 * packet and nothing else, from the same source to the same destination. Anything that an engine has to look at one by
 * one stands alone: Teredo headers, trailers, bubbles, ICMPv6, extension headers.
 *
 * `length` octets at `offset` are datagrams of `segmentOctets` each, the last of which may be shorter.
 */
export function leadingRun(bytes: Uint8Array, offset: number, length: number, segmentOctets: number): number {
  const firstOctets = Math.min(segmentOctets, length);
  if (!standsInRun(bytes, offset, firstOctets)) return 1;
  let count = 1;
  for (let used = firstOctets; used < length; used += segmentOctets) {
    const at = offset + used;
    if (!standsInRun(bytes, at, Math.min(segmentOctets, length - used))) break;
    if (!sharesAddresses(bytes, offset + ipv6SourceOffset, at + ipv6SourceOffset)) break;
    count++;
  }
  return count;
}

/** Makes `run` stand for the first `count` datagrams of `length` octets of a bundle at `offset`; answers their octets. */
export function pointRunAtBundle(
  run: PacketRun,
  offset: number,
  length: number,
  segmentOctets: number,
  count: number,
): number {
  const octets = Math.min(count * segmentOctets, length);
  run.offset = offset;
  run.count = count;
  run.lastPacketLength = octets - (count - 1) * segmentOctets;
  run.packetLength = count === 1 ? run.lastPacketLength : segmentOctets;
  run.headerStride = count === 1 ? 0 : segmentOctets;
  return octets;
}

function standsInRun(bytes: Uint8Array, offset: number, length: number): boolean {
  if (length <= ipv6HeaderOctets || bytes[offset]! >>> 4 !== 6) return false;
  if (readUint16(bytes, offset + ipv6PayloadLengthOffset) !== length - ipv6HeaderOctets) return false;
  const nextHeader = bytes[offset + ipv6NextHeaderOffset];
  return nextHeader === tcpProtocol || nextHeader === udpProtocol || nextHeader === espProtocol;
}

function sharesAddresses(bytes: Uint8Array, first: number, second: number): boolean {
  for (let index = 0; index < ipv6AddressesOctets; index++) {
    if (bytes[first + index] !== bytes[second + index]) return false;
  }
  return true;
}
