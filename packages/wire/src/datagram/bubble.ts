import type { Ipv6Value } from '@navalis/address';
import { bubbleLength, maximumHopLimit, nextHeaders } from '../constants.ts';
import { writeIpv6Header } from '../ipv6/ipv6-header.ts';

/** Writes a bubble without trailers and with hop limit 255; returns its 40 octets (RFC 4380 section 2.8). */
export function writeBubble(bytes: Uint8Array, offset: number, source: Ipv6Value, destination: Ipv6Value): number {
  const hopLimit = maximumHopLimit;
  writeIpv6Header(bytes, offset, { payloadLength: 0, nextHeader: nextHeaders.none, hopLimit, source, destination });
  return bubbleLength;
}
