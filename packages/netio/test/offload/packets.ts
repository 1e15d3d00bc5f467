import { slowInternetSum } from '../slow-internet-sum.ts';

export const headerOctets = 40;
export const protocols = { tcp: 6, udp: 17, none: 59 } as const;

/** The fields of a TCP packet, besides its flow's addresses. */
export interface TcpFields {
  readonly sequence: number;
  readonly acknowledgement?: number;
  readonly flags?: number;
  readonly window?: number;
  /** Octets, a multiple of 4, at most 40. */
  readonly options?: readonly number[];
  /** The number of one of a few pairs of ports and addresses. */
  readonly flow?: number;
  readonly flowLabel?: number;
  readonly hopLimit?: number;
}

/** A TCP packet over IPv6 with a right checksum. */
export function tcpPacket(fields: TcpFields, payload: Uint8Array): Uint8Array {
  const options = fields.options ?? [];
  const transport = new Uint8Array(20 + options.length + payload.length);
  const view = new DataView(transport.buffer);
  view.setUint16(0, 1000 + (fields.flow ?? 0));
  view.setUint16(2, 80);
  view.setUint32(4, fields.sequence >>> 0);
  view.setUint32(8, fields.acknowledgement ?? 7);
  transport[12] = ((20 + options.length) / 4) << 4;
  transport[13] = fields.flags ?? 0x10;
  view.setUint16(14, fields.window ?? 500);
  transport.set(options, 20);
  transport.set(payload, 20 + options.length);
  return withChecksum(protocols.tcp, transport, fields);
}

/** A UDP packet over IPv6 with a right checksum, or with none. */
export function udpPacket(flow: number, payload: Uint8Array, hasChecksum = true): Uint8Array {
  const transport = new Uint8Array(8 + payload.length);
  const view = new DataView(transport.buffer);
  view.setUint16(0, 2000 + flow);
  view.setUint16(2, 53);
  view.setUint16(4, transport.length);
  transport.set(payload, 8);
  const packet = withChecksum(protocols.udp, transport, { flow });
  if (!hasChecksum) packet.fill(0, 46, 48);
  return packet;
}

function withChecksum(
  protocol: number,
  transport: Uint8Array,
  { flow = 0, flowLabel = 0, hopLimit = 64 }: Partial<TcpFields>,
): Uint8Array {
  const packet = new Uint8Array(headerOctets + transport.length);
  const view = new DataView(packet.buffer);
  view.setUint32(0, 0x60000000 | flowLabel);
  view.setUint16(4, transport.length);
  packet[6] = protocol;
  packet[7] = hopLimit;
  packet.set([0x20, 0x01, 0x0d, 0xb8, 0, 0, 0, flow], 8);
  packet.set([0x20, 0x01, 0x0d, 0xb8, 0, 1, 0, 0], 24);
  packet.set(transport, headerOctets);
  writeChecksum(packet);
  return packet;
}

/** Computes the transport checksum of a packet again. */
export function writeChecksum(packet: Uint8Array): void {
  const field = headerOctets + (packet[6] === protocols.tcp ? 16 : 6);
  packet.fill(0, field, field + 2);
  const checksum = ~pseudoSum(packet) & 0xffff;
  new DataView(packet.buffer).setUint16(field, checksum === 0 && packet[6] === protocols.udp ? 0xffff : checksum);
}

export function checksumIsRight(packet: Uint8Array): boolean {
  return pseudoSum(packet) === 0xffff;
}

/** Returns the sum of the pseudo-header and everything behind the IPv6 header. */
function pseudoSum(packet: Uint8Array): number {
  const upperOctets = packet.length - headerOctets;
  return slowInternetSum(packet, 8, packet.length - 8, upperOctets + packet[6]!);
}

/** Octets of IPv6 and transport header. */
export function headersOf(packet: Uint8Array): number {
  return headerOctets + (packet[6] === protocols.tcp ? (packet[headerOctets + 12]! >>> 4) * 4 : 8);
}
