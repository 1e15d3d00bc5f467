/** A UDP datagram over IPv4 in a capture. */
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
/** Octets before the IPv4 packet, by link type: Ethernet, raw IP, Linux cooked. */
const linkHeaderOctets: Readonly<Record<number, number>> = { 1: 14, 101: 0, 113: 16 };
const rawIp = 101;

/**
 * Reads the UDP datagrams of a capture in pcap format (not pcapng) that are whole and no fragments.
 * @throws Error when it is no such capture.
 */
export function* readPcap(file: Uint8Array): Generator<CapturedDatagram> {
  const view = new DataView(file.buffer, file.byteOffset, file.byteLength);
  if (file.length < fileHeaderOctets) throw new Error('This is no capture: it is too short.');
  const isLittle = view.getUint32(0, true) === magic;
  if (!isLittle && view.getUint32(0) !== magic)
    throw new Error('This is no capture in pcap format. Try tshark -F pcap.');
  const linkOctets = linkHeaderOctets[view.getUint32(20, isLittle)];
  if (linkOctets === undefined) throw new Error('Only captures of Ethernet, raw IP and Linux cooked links are read.');
  let offset = fileHeaderOctets;
  while (offset + recordHeaderOctets <= file.length) {
    const atMs = view.getUint32(offset, isLittle) * 1000 + view.getUint32(offset + 4, isLittle) / 1000;
    const start = offset + recordHeaderOctets;
    offset = start + view.getUint32(offset + 8, isLittle);
    const datagram = readUdp(view, start + linkOctets, Math.min(offset, file.length));
    if (datagram !== undefined) yield { atMs, ...datagram };
  }
}

function readUdp(view: DataView, start: number, end: number): Omit<CapturedDatagram, 'atMs'> | undefined {
  if (end - start < ipv4HeaderOctets + udpHeaderOctets || view.getUint8(start) >>> 4 !== 4) return undefined;
  const isFragment = (view.getUint16(start + 6) & 0x3fff) !== 0;
  if (isFragment || view.getUint8(start + 9) !== 17) return undefined;
  const udp = start + (view.getUint8(start) & 0xf) * 4;
  if (udp + udpHeaderOctets > end) return undefined;
  const length = view.getUint16(udp + 4) - udpHeaderOctets;
  if (length < 0 || udp + udpHeaderOctets + length > end) return undefined;
  return {
    sourceAddress: view.getUint32(start + 12),
    sourcePort: view.getUint16(udp),
    destinationAddress: view.getUint32(start + 16),
    destinationPort: view.getUint16(udp + 2),
    payload: new Uint8Array(view.buffer, view.byteOffset + udp + udpHeaderOctets, length),
  };
}

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
