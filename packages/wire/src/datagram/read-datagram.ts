import { readUint16, readUint32 } from '@navalis/address';
import {
  icmpv6Types,
  ipv6HeaderLength,
  nextHeaders,
  nonceAuthenticationLength,
  nonceLength,
  originIndicationLength,
} from '../constants.ts';
import { nextHeaderOf, payloadLengthOf } from '../ipv6/ipv6-header.ts';
import type { DatagramLayout } from './datagram-layout.ts';
import type { MalformedReason } from './malformed.ts';

/** First two octets of the elements before the IPv6 packet (RFC 4380 5.1.1). */
const originIndication = 0x0000;
const authentication = 0x0001;

/**
 * Finds the elements of the UDP payload of `length` octets at `offset`. Total: any octets give a layout in `into` or a
 * reason, in which case `into` is cleared. Payload Length 0 means a packet of 40 octets whatever follows: there are no
 * jumbograms.
 */
export function readDatagram(
  bytes: Uint8Array,
  offset: number,
  length: number,
  into: DatagramLayout,
): MalformedReason | undefined {
  into.clear();
  const reason = readElements(bytes, offset, offset + length, into);
  if (reason !== undefined) into.clear();
  return reason;
}

function readElements(
  bytes: Uint8Array,
  offset: number,
  end: number,
  into: DatagramLayout,
): MalformedReason | undefined {
  if (offset >= end) return 'empty-datagram';
  let position = offset;
  while (position < end && bytes[position] === 0) {
    if (end - position < 2) return 'unknown-encapsulation';
    const start = position;
    const element = readUint16(bytes, position);
    if (element === authentication) {
      if (into.authenticationOffset >= 0) return 'repeated-element';
      if (into.originOffset >= 0) return 'element-order';
      position = readAuthentication(bytes, position, end, into);
      if (position === start) return 'truncated-authentication';
    } else if (element === originIndication) {
      if (into.originOffset >= 0) return 'repeated-element';
      position = readOriginIndication(bytes, position, end, into);
      if (position === start) return 'truncated-origin';
    } else {
      return 'unknown-encapsulation';
    }
  }
  return readPacket(bytes, position, end, into);
}

/** Returns the end of the element; `offset` itself when it does not fit. */
function readAuthentication(bytes: Uint8Array, offset: number, end: number, into: DatagramLayout): number {
  if (end - offset < nonceAuthenticationLength) return offset;
  const clientIdentifierLength = bytes[offset + 2]!;
  const authenticationValueLength = bytes[offset + 3]!;
  const next = offset + nonceAuthenticationLength + clientIdentifierLength + authenticationValueLength;
  if (next > end) return offset;
  into.authenticationOffset = offset;
  into.clientIdentifierOffset = offset + 4;
  into.clientIdentifierLength = clientIdentifierLength;
  into.authenticationValueOffset = into.clientIdentifierOffset + clientIdentifierLength;
  into.authenticationValueLength = authenticationValueLength;
  into.nonceOffset = into.authenticationValueOffset + authenticationValueLength;
  into.confirmation = bytes[into.nonceOffset + nonceLength]!;
  return next;
}

/** Returns the end of the element; `offset` itself when it does not fit. */
function readOriginIndication(bytes: Uint8Array, offset: number, end: number, into: DatagramLayout): number {
  if (end - offset < originIndicationLength) return offset;
  into.originOffset = offset;
  into.originPort = readUint16(bytes, offset + 2) ^ 0xffff;
  into.originAddress = ~readUint32(bytes, offset + 4) >>> 0;
  return offset + originIndicationLength;
}

function readPacket(bytes: Uint8Array, offset: number, end: number, into: DatagramLayout): MalformedReason | undefined {
  if (offset < end && bytes[offset]! >>> 4 !== 6) return 'not-ipv6';
  if (end - offset < ipv6HeaderLength) return 'truncated-ipv6-header';
  const packetLength = ipv6HeaderLength + payloadLengthOf(bytes, offset);
  if (packetLength > end - offset) return 'ipv6-length-exceeds-datagram';
  into.packetOffset = offset;
  into.packetLength = packetLength;
  into.trailersOffset = offset + packetLength;
  into.trailersLength = end - into.trailersOffset;
  into.authenticationAroundOther = into.authenticationOffset >= 0 && !isSolicitationOrAdvertisement(bytes, into);
  return undefined;
}

function isSolicitationOrAdvertisement(bytes: Uint8Array, layout: DatagramLayout): boolean {
  if (nextHeaderOf(bytes, layout.packetOffset) !== nextHeaders.icmpv6) return false;
  if (layout.packetLength === ipv6HeaderLength) return false;
  const type = bytes[layout.packetOffset + ipv6HeaderLength];
  return type === icmpv6Types.routerSolicitation || type === icmpv6Types.routerAdvertisement;
}
