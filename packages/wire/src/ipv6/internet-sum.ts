import { readUint16 } from '@navalis/address';
import { ipv6HeaderLength, sourceOffset } from '../constants.ts';
import { payloadLengthOf } from './ipv6-header.ts';

/**
 * One's complement sum (RFC 1071) of pseudo-header (RFC 8200 8.1) and payload of an IPv6 packet whose payload is all of
 * this protocol, folded to 16 bits. At most 2^31 before folding, so no carry is lost.
 */
export function internetSum(bytes: Uint8Array, packetOffset: number, protocol: number): number {
  const payloadLength = payloadLengthOf(bytes, packetOffset);
  const end = packetOffset + ipv6HeaderLength + payloadLength;
  let sum = payloadLength + protocol;
  let offset = packetOffset + sourceOffset;
  for (; offset + 1 < end; offset += 2) sum += readUint16(bytes, offset);
  if (offset < end) sum += bytes[offset]! << 8;
  while (sum > 0xffff) sum = (sum & 0xffff) + Math.floor(sum / 0x10000);
  return sum;
}
