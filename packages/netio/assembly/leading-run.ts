import {
  espProtocol,
  headerOctets,
  nextHeaderOffset,
  payloadLengthOffset,
  read16,
  tcpProtocol,
  udpProtocol,
} from './headers';
import { sameAddresses } from './same-addresses';

/**
 * Returns how many datagrams at the beginning of a bundle make one run: those after the first that, like it, hold one IPv6
 * packet and nothing else, from the same source to the same destination. Anything that an engine has to look at one by
 * one stands alone: Teredo headers, trailers, bubbles, ICMPv6, extension headers.
 *
 * `length` octets at `offset` are datagrams of `segmentOctets` each, the last of which may be shorter.
 */
export function leadingRun(offset: u32, length: u32, segmentOctets: u32): u32 {
  if (!standsInRun(offset, min(segmentOctets, length))) return 1;
  let count: u32 = 1;
  for (let used = segmentOctets; used < length; used += segmentOctets) {
    const at = offset + used;
    if (!standsInRun(at, min(segmentOctets, length - used)) || !sameAddresses(offset, at)) break;
    count++;
  }
  return count;
}

/** Returns true if a datagram is an IPv6 packet and nothing else, of a kind that an engine need not inspect. */
export function standsInRun(offset: u32, length: u32): bool {
  if (length <= headerOctets || load<u8>(offset) >>> 4 !== 6) return false;
  if (read16(offset + payloadLengthOffset) !== length - headerOctets) return false;
  const nextHeader = <u32>load<u8>(offset + nextHeaderOffset);
  return nextHeader === tcpProtocol || nextHeader === udpProtocol || nextHeader === espProtocol;
}
