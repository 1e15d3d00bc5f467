// Offsets of header fields (RFC 8200 section 3, RFC 9293 section 3.1, RFC 768), in octets; on the wire numbers are
// big-endian, here they are little-endian.

export const headerOctets: u32 = 40;
export const payloadLengthOffset: u32 = 4;
export const nextHeaderOffset: u32 = 6;
export const sourceOffset: u32 = 8;

export const tcpProtocol: u32 = 6;
export const udpProtocol: u32 = 17;
/** Encapsulating security payload (RFC 4303). */
export const espProtocol: u32 = 50;

export const tcpSequenceOffset: u32 = headerOctets + 4;
export const tcpAcknowledgementOffset: u32 = headerOctets + 8;
export const tcpDataOffsetOffset: u32 = headerOctets + 12;
export const tcpFlagsOffset: u32 = headerOctets + 13;
export const tcpWindowOffset: u32 = headerOctets + 14;
export const tcpChecksumOffset: u32 = headerOctets + 16;
export const tcpUrgentOffset: u32 = headerOctets + 18;
export const tcpOptionsOffset: u32 = headerOctets + 20;
export const udpLengthOffset: u32 = headerOctets + 4;
export const udpChecksumOffset: u32 = headerOctets + 6;

export const flagFin: u32 = 0x01;
export const flagPush: u32 = 0x08;
export const flagAcknowledge: u32 = 0x10;
export const flagCongestionWindowReduced: u32 = 0x80;

export function read16(offset: u32): u32 {
  return <u32>bswap<u16>(load<u16>(offset));
}

export function read32(offset: u32): u32 {
  return bswap<u32>(load<u32>(offset));
}

export function write16(offset: u32, value: u32): void {
  store<u16>(offset, bswap<u16>(<u16>value));
}

export function write32(offset: u32, value: u32): void {
  store<u32>(offset, bswap<u32>(value));
}

/** ChannelData (RFC 8656 12.4): its octets before the data, the offset of its length, and how each channel number begins. */
export const channelHeaderOctets: u32 = 4;
export const channelLengthOffset: u32 = 2;
export const channelNibble: u32 = 4;

/** Octets of a `struct mmsghdr`, and the offsets in it of the length of control messages and of the received octets. */
export const messageHeaderOctets: u32 = 64;
export const controlLengthOffset: u32 = 40;
export const messageLengthOffset: u32 = 56;

/** Octets of a `struct iovec`. */
export const vectorOctets: u32 = 16;

/** Writes a `struct iovec` at `vector` for `octets` at `offset` of this memory, which begins at the address `base`. */
export function writeVector(vector: u32, base: u64, offset: u32, octets: u32): void {
  store<u64>(vector, base + <u64>offset);
  store<u64>(vector, <u64>octets, 8);
}
