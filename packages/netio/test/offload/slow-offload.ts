import { checksumIsRight, headerOctets, headersOf, protocols, writeChecksum } from './packets.ts';

/** Cuts a super-segment in a slow, simple way: the oracle of the segmenter. */
export function slowSegments(packet: Uint8Array, segmentOctets: number): Uint8Array[] {
  const headers = headersOf(packet);
  const payload = packet.subarray(headers);
  const sequence = new DataView(packet.buffer, packet.byteOffset).getUint32(headerOctets + 4);
  const segments: Uint8Array[] = [];
  for (let used = 0; used < payload.length; used += segmentOctets) {
    const part = payload.subarray(used, used + segmentOctets);
    const isLast = used + segmentOctets >= payload.length;
    const segment = new Uint8Array(headers + part.length);
    segment.set(packet.subarray(0, headers));
    segment.set(part, headers);
    const view = new DataView(segment.buffer);
    view.setUint16(4, segment.length - headerOctets);
    if (packet[6] === protocols.tcp) {
      view.setUint32(headerOctets + 4, (sequence + used) >>> 0);
      let flags = packet[headerOctets + 13]!;
      if (!isLast) flags &= ~(0x01 | 0x08);
      if (used > 0) flags &= ~0x80;
      segment[headerOctets + 13] = flags;
    } else {
      view.setUint16(headerOctets + 4, segment.length - headerOctets);
    }
    writeChecksum(segment);
    segments.push(segment);
  }
  return segments;
}

/** Returns the consecutive packets that may be written as one, in a slow, simple way: the oracle of the coalescer. */
export function slowGroups(packets: readonly Uint8Array[], maximumPackets: number): Uint8Array[][] {
  const groups: Uint8Array[][] = [];
  for (const packet of packets) {
    const group = groups.at(-1);
    if (group !== undefined && group.length < maximumPackets && mayFollow(group, packet)) group.push(packet);
    else groups.push([packet]);
  }
  return groups;
}

function mayFollow(group: readonly Uint8Array[], packet: Uint8Array): boolean {
  const first = group[0]!;
  const previous = group.at(-1)!;
  if (packet[6] !== first[6] || (packet[6] !== protocols.tcp && packet[6] !== protocols.udp)) return false;
  const headers = headersOf(first);
  const segment = first.length - headers;
  const payload = packet.length - headers;
  const total = group.reduce((sum, member) => sum + member.length - headers, payload);
  const allHaveRightChecksums = [first, packet].every((member) => checksumIsRight(member) && !lacksChecksum(member));
  return (
    headersOf(packet) === headers &&
    previous.length === first.length &&
    segment > 0 &&
    payload > 0 &&
    payload <= segment &&
    headers - headerOctets + total <= 65_535 &&
    // Only the last may push, and nothing else may be flagged.
    (packet[6] === protocols.udp || group.every((member) => member[headerOctets + 13] === 0x10)) &&
    allHaveRightChecksums &&
    unlikeBits(first, packet, headers, (group.length * segment) >>> 0).length === 0
  );
}

function lacksChecksum(packet: Uint8Array): boolean {
  return packet[6] === protocols.udp && packet[46] === 0 && packet[47] === 0;
}

/** Returns the differing bits of two headers, after the fields that must differ are made equal: lengths, checksums, PSH, sequence number. */
function unlikeBits(first: Uint8Array, packet: Uint8Array, headers: number, sequenceAdvance: number): number[] {
  const [left, right] = [first, packet].map((member) => member.slice(0, headers)) as [Uint8Array, Uint8Array];
  if (first[6] === protocols.tcp) {
    const view = new DataView(left.buffer);
    view.setUint32(headerOctets + 4, (view.getUint32(headerOctets + 4) + sequenceAdvance) >>> 0);
    right[headerOctets + 13]! &= ~0x08;
  }
  for (const header of [left, right]) {
    header.fill(0, 4, 6);
    const checksum = headerOctets + (first[6] === protocols.tcp ? 16 : 6);
    header.fill(0, checksum, checksum + 2);
    if (first[6] === protocols.udp) header.fill(0, headerOctets + 4, headerOctets + 6);
  }
  return [...left.keys()].filter((index) => left[index] !== right[index]);
}
