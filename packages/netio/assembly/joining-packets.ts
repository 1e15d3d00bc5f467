import {
  flagAcknowledge,
  flagPush,
  headerOctets,
  nextHeaderOffset,
  payloadLengthOffset,
  read16,
  read32,
  sourceOffset,
  tcpAcknowledgementOffset,
  tcpDataOffsetOffset,
  tcpFlagsOffset,
  tcpOptionsOffset,
  tcpProtocol,
  tcpSequenceOffset,
  tcpUrgentOffset,
  tcpWindowOffset,
  udpChecksumOffset,
  udpLengthOffset,
  vectorOctets,
  writeVector,
} from './headers';
import { sum } from './internet-checksum';
import { sameAddresses } from './same-addresses';

/**
 * Returns how many of `count` packets, `stride` octets apart from `offset` on, join a group of one flow, one after the other.
 * Each has `packetOctets` octets, the last `lastOctets`. The group's first packet is at `first`: `headerLength` octets of IPv6
 * and transport header, then `segmentOctets` of payload; the next packet of TCP is to have the number `sequence`.
 *
 * A packet joins when its headers say the same as the first's, it follows on the packet before, its payload is among the
 * `room` octets that are left and not longer than the group's, and its checksum is right, and the first packet's, which is
 * looked at unless `firstIsVerified`. A shorter packet, or one with PSH, is the last that joins. Of each that does,
 * the payload is entered in the `struct iovec` at `vectors` and following, as addresses of a memory that begins at `base`.
 */
export function joiningPackets(
  first: u32,
  headerLength: u32,
  segmentOctets: u32,
  sequence: u32,
  firstIsVerified: bool,
  room: u32,
  offset: u32,
  stride: u32,
  packetOctets: u32,
  lastOctets: u32,
  count: u32,
  vectors: u32,
  base: f64,
): u32 {
  const memoryBase = <u64>base;
  const isTcp = <u32>load<u8>(first + nextHeaderOffset) === tcpProtocol;
  let verified = firstIsVerified;
  let expected = sequence;
  let left = room;
  let vector = vectors;
  for (let index: u32 = 0; index < count; index++) {
    const at = offset + index * stride;
    const length = index === count - 1 ? lastOctets : packetOctets;
    if (length <= headerLength) return index;
    const payload = length - headerLength;
    if (payload > segmentOctets || payload > left) return index;
    if (!saysTheSame(first, at, length)) return index;
    if (!(isTcp ? continuesTcp(first, at, headerLength, expected) : continuesUdp(at, length))) return index;
    if (!verified) {
      if (!isVerified(first, headerLength + segmentOctets)) return index;
      verified = true;
    }
    if (!isVerified(at, length)) return index;
    writeVector(vector, memoryBase, at + headerLength, payload);
    vector += vectorOctets;
    left -= payload;
    expected += payload;
    if (payload < segmentOctets) return index + 1;
    if (isTcp && <u32>load<u8>(at + tcpFlagsOffset) !== flagAcknowledge) return index + 1;
  }
  return count;
}

/** Version, traffic class, flow label; next header and hop limit; addresses and ports. */
function saysTheSame(first: u32, at: u32, length: u32): bool {
  if (load<u32>(first) !== load<u32>(at)) return false;
  if (read16(at + payloadLengthOffset) !== length - headerOctets) return false;
  if (load<u16>(first + nextHeaderOffset) !== load<u16>(at + nextHeaderOffset)) return false;
  if (load<u32>(first + headerOctets) !== load<u32>(at + headerOctets)) return false;
  return sameAddresses(first, at);
}

/** Acknowledgement, data offset and reserved bits; window; urgent pointer and options are the same, the rest follows. */
function continuesTcp(first: u32, at: u32, headerLength: u32, sequence: u32): bool {
  if (read32(at + tcpSequenceOffset) !== sequence) return false;
  if (load<u32>(first + tcpAcknowledgementOffset) !== load<u32>(at + tcpAcknowledgementOffset)) return false;
  if (load<u8>(first + tcpDataOffsetOffset) !== load<u8>(at + tcpDataOffsetOffset)) return false;
  if ((<u32>load<u8>(at + tcpFlagsOffset) | flagPush) !== (flagAcknowledge | flagPush)) return false;
  if (load<u16>(first + tcpWindowOffset) !== load<u16>(at + tcpWindowOffset)) return false;
  if (load<u16>(first + tcpUrgentOffset) !== load<u16>(at + tcpUrgentOffset)) return false;
  for (let option = tcpOptionsOffset; option < headerLength; option += 4) {
    if (load<u32>(first + option) !== load<u32>(at + option)) return false;
  }
  return true;
}

/** A packet without a checksum cannot be verified. */
function continuesUdp(at: u32, length: u32): bool {
  return read16(at + udpLengthOffset) === length - headerOctets && load<u16>(at + udpChecksumOffset) !== 0;
}

/** Addresses, transport header and payload lie side by side, as the pseudo-header has them (RFC 8200 section 8.1). */
function isVerified(at: u32, length: u32): bool {
  const protocol = <u32>load<u8>(at + nextHeaderOffset);
  return sum(at + sourceOffset, length - sourceOffset, length - headerOctets + protocol) === 0xffff;
}
