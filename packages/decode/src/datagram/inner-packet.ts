import { formatIpv6, readIpv6, readUint16 } from '@navalis/address';
import {
  destinationOffset,
  echoDataLength,
  echoIdentifierOffset,
  echoSequenceOffset,
  hopLimitOf,
  icmpv6ChecksumOk,
  icmpv6TypeOf,
  ipv6HeaderLength,
  isBubble,
  isEchoReply,
  isEchoRequest,
  isIcmpv6,
  nextHeaderOf,
  nextHeaders,
  readRouterAdvertisement,
  readRouterSolicitation,
  sourceOffset,
  transportHeaderLength,
  udpProtocol,
} from '@navalis/wire';

/** The IPv6 packet inside a datagram. */
export interface InnerPacketExplanation {
  readonly kind:
    | 'bubble'
    | 'router-solicitation'
    | 'router-advertisement'
    | 'echo-request'
    | 'echo-reply'
    | 'icmpv6'
    | 'tcp'
    | 'udp'
    | 'no-next-header'
    | 'other';
  readonly source: string;
  readonly destination: string;
  readonly octets: number;
  readonly hopLimit: number;
  readonly nextHeader: number;
  /** ICMPv6 only. */
  readonly icmpv6?: { readonly type: number; readonly code: number; readonly isChecksumRight: boolean };
  /** Echo requests and replies only. */
  readonly echo?: { readonly identifier: number; readonly sequence: number; readonly dataOctets: number };
  /** Router advertisements only. */
  readonly advertisement?: { readonly prefixes: readonly string[]; readonly mtu?: number };
  /** TCP and UDP only. */
  readonly ports?: { readonly source: number; readonly destination: number };
  /** TCP only, such as `SYN, ACK`. */
  readonly flags?: string;
}

type Details = Omit<InnerPacketExplanation, 'source' | 'destination' | 'octets' | 'hopLimit' | 'nextHeader'>;

/** Explains a packet that is as long as its header says. */
export function explainPacket(packet: Uint8Array): InnerPacketExplanation {
  const details = explainPayload(packet);
  return {
    source: formatIpv6(readIpv6(packet, sourceOffset)),
    destination: formatIpv6(readIpv6(packet, destinationOffset)),
    octets: packet.length,
    hopLimit: hopLimitOf(packet, 0),
    nextHeader: nextHeaderOf(packet, 0),
    ...details,
  };
}

function explainPayload(packet: Uint8Array): Details {
  if (isBubble(packet, 0)) return { kind: 'bubble' };
  if (isIcmpv6(packet, 0)) return explainIcmpv6(packet);
  const nextHeader = nextHeaderOf(packet, 0);
  if (nextHeader === nextHeaders.none) return { kind: 'no-next-header' };
  // Of other transports than TCP and UDP, or a part of one.
  if (transportHeaderLength(packet, 0, packet.length) === 0) return { kind: 'other' };
  const ports = { source: readUint16(packet, ipv6HeaderLength), destination: readUint16(packet, ipv6HeaderLength + 2) };
  return nextHeader === udpProtocol ? { kind: 'udp', ports } : { kind: 'tcp', ports, flags: tcpFlagsOf(packet) };
}

function explainIcmpv6(packet: Uint8Array): Details {
  const type = icmpv6TypeOf(packet, 0);
  const icmpv6 = { type, code: packet[ipv6HeaderLength + 1]!, isChecksumRight: icmpv6ChecksumOk(packet, 0) };
  if (isEchoRequest(packet, 0)) return { kind: 'echo-request', icmpv6, echo: explainEcho(packet) };
  if (isEchoReply(packet, 0)) return { kind: 'echo-reply', icmpv6, echo: explainEcho(packet) };
  if (readRouterSolicitation(packet, 0)) return { kind: 'router-solicitation', icmpv6 };
  const read = readRouterAdvertisement(packet, 0);
  if (read === undefined) return { kind: 'icmpv6', icmpv6 };
  const prefixes = read.prefixes.map(({ prefix, length }) => `${formatIpv6(prefix)}/${length}`);
  const advertisement = { prefixes, ...(read.mtu !== undefined && { mtu: read.mtu }) };
  return { kind: 'router-advertisement', icmpv6, advertisement };
}

function explainEcho(packet: Uint8Array): NonNullable<Details['echo']> {
  return {
    identifier: readUint16(packet, echoIdentifierOffset),
    sequence: readUint16(packet, echoSequenceOffset),
    dataOctets: echoDataLength(packet, 0),
  };
}

const tcpFlagNames = ['FIN', 'SYN', 'RST', 'PSH', 'ACK', 'URG'];

function tcpFlagsOf(packet: Uint8Array): string {
  const flags = packet[ipv6HeaderLength + 13]!;
  return tcpFlagNames.filter((_, bit) => (flags & (1 << bit)) !== 0).join(', ');
}
