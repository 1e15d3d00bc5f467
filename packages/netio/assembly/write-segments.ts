import {
  flagCongestionWindowReduced,
  flagFin,
  flagPush,
  headerOctets,
  payloadLengthOffset,
  tcpChecksumOffset,
  tcpFlagsOffset,
  tcpProtocol,
  tcpSequenceOffset,
  udpChecksumOffset,
  udpLengthOffset,
  vectorOctets,
  write16,
  write32,
  writeVector,
} from './headers';
import { sum } from './internet-checksum';

/**
 * Writes the headers of `count` packets of a super-segment, beginning with the one at `index`; `last` is the index of its last.
 * They go to `headers` and following, `headerStride` octets apart, a multiple of 16 that is no less than `headerLength`. The
 * one at `template` has zeroes where packets differ; `constantSum` is its sum with addresses and `protocol`; `sequence`
 * and `flags` are the super-segment's. The payloads lie side by side from `payload`, that of the packet at index 0, on, of
 * `payloadOctets` each, the last of `lastPayloadOctets`. Two `struct iovec` for each packet, header and payload, are
 * entered at `vectors` and following, as addresses of a memory that begins at `base`.
 */
export function writeSegments(
  template: u32,
  headerLength: u32,
  protocol: u32,
  constantSum: u32,
  sequence: u32,
  flags: u32,
  payload: u32,
  payloadOctets: u32,
  lastPayloadOctets: u32,
  last: u32,
  index: u32,
  count: u32,
  headers: u32,
  headerStride: u32,
  vectors: u32,
  base: f64,
): void {
  const memoryBase = <u64>base;
  let header = headers;
  let vector = vectors;
  for (const end = index + count; index < end; index++) {
    for (let word: u32 = 0; word < headerLength; word += 16) v128.store(header + word, v128.load(template + word));
    const from = payload + index * payloadOctets;
    const octets = index === last ? lastPayloadOctets : payloadOctets;
    const upperOctets = headerLength - headerOctets + octets;
    write16(header + payloadLengthOffset, upperOctets);
    let initial = constantSum + upperOctets;
    if (protocol === tcpProtocol) {
      const number = sequence + index * payloadOctets;
      const own = flagsAt(flags, index, last);
      write32(header + tcpSequenceOffset, number);
      store<u8>(header + tcpFlagsOffset, <u8>own);
      initial += (number >>> 16) + (number & 0xffff) + own;
      write16(header + tcpChecksumOffset, ~sum(from, octets, initial));
    } else {
      write16(header + udpLengthOffset, upperOctets);
      const checksum = ~sum(from, octets, initial + upperOctets) & 0xffff;
      // On the wire 0 means that there is none (RFC 8200 section 8.1).
      write16(header + udpChecksumOffset, checksum === 0 ? 0xffff : checksum);
    }
    writeVector(vector, memoryBase, header, headerLength);
    writeVector(vector + vectorOctets, memoryBase, from, octets);
    header += headerStride;
    vector += 2 * vectorOctets;
  }
}

/** FIN and PSH are the last packet's, CWR is the first's. */
function flagsAt(flags: u32, index: u32, last: u32): u32 {
  let own = flags;
  if (index < last) own &= ~(flagFin | flagPush);
  if (index > 0) own &= ~flagCongestionWindowReduced;
  return own;
}
