/** A UDP datagram over IPv4 to write into a capture. */
export interface CapturedDatagram {
  readonly atMs: number;
  readonly sourceAddress: number;
  readonly sourcePort: number;
  readonly destinationAddress: number;
  readonly destinationPort: number;
  readonly payload: Uint8Array;
}

const magic = 0xa1b2c3d4;
const fileHeaderOctets = 24;
const recordHeaderOctets = 16;
const ipv4HeaderOctets = 20;
const udpHeaderOctets = 8;
/** The link type without a header before the IP packet. */
const rawIp = 101;

/** Returns a capture of raw IP in pcap format. Checksums stay 0. */
export function writePcap(datagrams: readonly CapturedDatagram[]): Uint8Array {
  const overhead = recordHeaderOctets + ipv4HeaderOctets + udpHeaderOctets;
  const octets = datagrams.reduce((sum, { payload }) => sum + overhead + payload.length, fileHeaderOctets);
  const file = new Uint8Array(octets);
  const view = new DataView(file.buffer);
  view.setUint32(0, magic);
  view.setUint16(4, 2);
  view.setUint16(6, 4);
  view.setUint32(16, 65_535);
  view.setUint32(20, rawIp);
  let offset = fileHeaderOctets;
  for (const { atMs, payload, ...ends } of datagrams) {
    const packetOctets = ipv4HeaderOctets + udpHeaderOctets + payload.length;
    view.setUint32(offset, Math.floor(atMs / 1000));
    view.setUint32(offset + 4, Math.floor((atMs % 1000) * 1000));
    view.setUint32(offset + 8, packetOctets);
    view.setUint32(offset + 12, packetOctets);
    offset += recordHeaderOctets;
    view.setUint8(offset, 0x45);
    view.setUint16(offset + 2, packetOctets);
    view.setUint8(offset + 8, 64);
    view.setUint8(offset + 9, 17);
    view.setUint32(offset + 12, ends.sourceAddress);
    view.setUint32(offset + 16, ends.destinationAddress);
    view.setUint16(offset + 20, ends.sourcePort);
    view.setUint16(offset + 22, ends.destinationPort);
    view.setUint16(offset + 24, udpHeaderOctets + payload.length);
    file.set(payload, offset + ipv4HeaderOctets + udpHeaderOctets);
    offset += packetOctets;
  }
  return file;
}
