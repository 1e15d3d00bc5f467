import {
  channelHeaderOctets,
  channelLengthOffset,
  channelNibble,
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
 * one stands alone: Teredo headers, trailers, bubbles, ICMPv6, extension headers. The packets may be ChannelData of a TURN
 * server, all of one channel.
 *
 * `length` octets at `offset` are datagrams of `segmentOctets` each, the last of which may be shorter.
 */
export function leadingRun(offset: u32, length: u32, segmentOctets: u32): u32 {
  const octets = min(segmentOctets, length);
  const prefix = channelPrefix(offset, octets);
  const first = offset + prefix;
  if (!standsInRun(first, octets - prefix)) return 1;
  let count: u32 = 1;
  for (let used = segmentOctets; used < length; used += segmentOctets) {
    const at = offset + used;
    const left = min(segmentOctets, length - used);
    if (prefix !== 0 && !isOfChannel(offset, at, left)) break;
    if (!standsInRun(at + prefix, left - prefix) || !sameAddresses(first, at + prefix)) break;
    count++;
  }
  return count;
}

/** Returns the octets before the packet in a datagram: those of ChannelData that it fills, or 0. */
export function channelPrefix(offset: u32, length: u32): u32 {
  if (length <= channelHeaderOctets || load<u8>(offset) >>> 4 !== channelNibble) return 0;
  return read16(offset + channelLengthOffset) === length - channelHeaderOctets ? channelHeaderOctets : 0;
}

/** Returns true if a datagram is filled by ChannelData of the same channel as another one. */
export function isOfChannel(other: u32, offset: u32, length: u32): bool {
  return channelPrefix(offset, length) !== 0 && load<u16>(offset) === load<u16>(other);
}

/** Returns true if a datagram is an IPv6 packet and nothing else, of a kind that an engine need not inspect. */
export function standsInRun(offset: u32, length: u32): bool {
  if (length <= headerOctets || load<u8>(offset) >>> 4 !== 6) return false;
  if (read16(offset + payloadLengthOffset) !== length - headerOctets) return false;
  const nextHeader = <u32>load<u8>(offset + nextHeaderOffset);
  return nextHeader === tcpProtocol || nextHeader === udpProtocol || nextHeader === espProtocol;
}
