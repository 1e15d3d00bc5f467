/** A UDP datagram over IPv4, from 192.0.2.1 to 198.51.100.2. */
export function ipv4Packet(
  payload: Uint8Array,
  ports: readonly [number, number] = [40_000, 3544],
  fragment = 0,
): Uint8Array {
  const packet = new Uint8Array(28 + payload.length);
  const view = new DataView(packet.buffer);
  packet.set([0x45, 0, 0, 0, 0, 1, 0, 0, 64, 17, 0, 0, 192, 0, 2, 1, 198, 51, 100, 2]);
  view.setUint16(2, packet.length);
  view.setUint16(6, fragment);
  view.setUint16(20, ports[0]);
  view.setUint16(22, ports[1]);
  view.setUint16(24, 8 + payload.length);
  packet.set(payload, 28);
  return packet;
}

/** Puts the header of a link in front of an IPv4 packet. */
export function onLink(linkType: number, packet: Uint8Array): Uint8Array {
  return Uint8Array.of(...headers[linkType]!, ...packet);
}

const headers: Readonly<Record<number, readonly number[]>> = {
  0: [2, 0, 0, 0],
  1: [...new Array<number>(12).fill(2), 0x81, 0, 0, 7, 0x08, 0],
  101: [],
  108: [0, 0, 0, 2],
  113: [0, 0, 0, 1, 0, 6, 2, 2, 2, 2, 2, 2, 0, 0, 0x08, 0],
  228: [],
  276: [0x08, 0, 0, 0, 0, 0, 0, 1, 0, 1, 0, 6, 2, 2, 2, 2, 2, 2, 0, 0],
};

/** A capture in pcap format. */
export function pcap(linkType: number, frames: readonly Uint8Array[], isLittle = true, magic = 0xa1b2c3d4): Uint8Array {
  const header = new DataView(new ArrayBuffer(24));
  header.setUint32(0, magic, isLittle);
  header.setUint32(16, 65_535, isLittle);
  header.setUint32(20, linkType, isLittle);
  const records = frames.flatMap((frame) => {
    const record = new DataView(new ArrayBuffer(16));
    record.setUint32(0, 1_700_000_000, isLittle);
    record.setUint32(4, magic === 0xa1b2c3d4 ? 250_000 : 250_000_000, isLittle);
    record.setUint32(8, frame.length, isLittle);
    record.setUint32(12, frame.length, isLittle);
    return [new Uint8Array(record.buffer), frame];
  });
  return joined([new Uint8Array(header.buffer), ...records]);
}

/** A capture in pcapng format with one interface, whose clock counts nanoseconds; the last packet stands in a Simple Packet Block. */
export function pcapng(linkType: number, frames: readonly Uint8Array[], isLittle = true): Uint8Array {
  const blocks = [
    block(
      0x0a0d0d0a,
      [...u32(0x1a2b3c4d, isLittle), ...u32(0x00010000, isLittle), 255, 255, 255, 255, 255, 255, 255, 255],
      isLittle,
    ),
    block(0x00000bad, [1, 2, 3, 4], isLittle),
    block(
      1,
      [
        ...u16(linkType, isLittle),
        0,
        0,
        ...u32(65_535, isLittle),
        ...u16(9, isLittle),
        ...u16(1, isLittle),
        9,
        0,
        0,
        0,
        0,
        0,
        0,
        0,
      ],
      isLittle,
    ),
    ...frames.map((frame, index) => {
      const padded = [...frame, ...new Array<number>(-frame.length & 3).fill(0)];
      if (index > 0 && index === frames.length - 1)
        return block(3, [...u32(frame.length, isLittle), ...padded], isLittle);
      const at = 1_700_000_000_250_000_000n;
      const time = [...u32(Number(at >> 32n), isLittle), ...u32(Number(at & 0xffff_ffffn), isLittle)];
      const length = u32(frame.length, isLittle);
      return block(6, [...u32(0, isLittle), ...time, ...length, ...length, ...padded], isLittle);
    }),
  ];
  return joined(blocks);
}

/** A block of a pcapng file, with its length at both ends. */
export function block(type: number, body: readonly number[], isLittle: boolean): Uint8Array {
  const length = u32(body.length + 12, isLittle);
  return Uint8Array.of(...u32(type, isLittle), ...length, ...body, ...length);
}

/** The four octets of a number. */
export function u32(value: number, isLittle: boolean): readonly number[] {
  const octets = [value >>> 24, (value >>> 16) & 0xff, (value >>> 8) & 0xff, value & 0xff];
  return isLittle ? octets.reverse() : octets;
}

/** The two octets of a number. */
export function u16(value: number, isLittle: boolean): readonly number[] {
  return isLittle ? [value & 0xff, value >>> 8] : [value >>> 8, value & 0xff];
}

/** The octets of all parts, in their order. */
export function joined(parts: readonly Uint8Array[]): Uint8Array {
  const whole = new Uint8Array(parts.reduce((sum, { length }) => sum + length, 0));
  let offset = 0;
  for (const part of parts) {
    whole.set(part, offset);
    offset += part.length;
  }
  return whole;
}
