import { readUint16, readUint32 } from '@navalis/address';
import {
  attributeHeaderOctets,
  fingerprintMask,
  ipv4Family,
  ipv6Family,
  magicCookie,
  sha1Octets,
  sha256Octets,
  shortestSha256Octets,
  stunAttributes,
  stunHeaderOctets,
} from './constants.ts';
import { crc32 } from './crc32.ts';
import type { AttributePlace, EndpointPlace, StunLayout } from './stun-layout.ts';

/** Why octets are no STUN message. */
export type StunRefusal =
  /** Fewer octets than a header. */
  | 'stun-truncated'
  /** The first two bits are not zero. */
  | 'stun-not-a-message'
  | 'stun-wrong-cookie'
  /** The header tells another length than the message has, or one that is no multiple of 4. */
  | 'stun-wrong-length'
  /** An attribute reaches over the end of the message. */
  | 'stun-attribute-too-long'
  /** A known attribute has a length that it cannot have. */
  | 'stun-wrong-attribute'
  | 'stun-wrong-fingerprint';

/**
 * Reads the STUN message of `length` octets at `offset` (RFC 8489 section 5). Total: any octets give a layout in `into` or a
 * reason, in which case `into` is cleared. Of an attribute that is repeated the first counts. After an authentication value
 * only a better one and the fingerprint count (RFC 8489 section 14.5).
 */
export function readStunMessage(
  bytes: Uint8Array,
  offset: number,
  length: number,
  into: StunLayout,
): StunRefusal | undefined {
  into.clear();
  const refusal = readHeader(bytes, offset, length, into) ?? readAttributes(bytes, into);
  if (refusal !== undefined) into.clear();
  return refusal;
}

function readHeader(bytes: Uint8Array, offset: number, length: number, into: StunLayout): StunRefusal | undefined {
  if (length < stunHeaderOctets) return 'stun-truncated';
  const type = readUint16(bytes, offset);
  if (type > 0x3fff) return 'stun-not-a-message';
  if (readUint32(bytes, offset + 4) !== magicCookie) return 'stun-wrong-cookie';
  const rest = readUint16(bytes, offset + 2);
  if ((rest & 3) !== 0 || rest + stunHeaderOctets !== length) return 'stun-wrong-length';
  into.method = (type & 0x0f) | ((type >>> 1) & 0x70) | ((type >>> 2) & 0xf80);
  into.messageClass = ((type >>> 4) & 1) | ((type >>> 7) & 2);
  into.offset = offset;
  into.length = length;
  return undefined;
}

function readAttributes(bytes: Uint8Array, into: StunLayout): StunRefusal | undefined {
  const end = into.offset + into.length;
  let position = into.offset + stunHeaderOctets;
  while (position < end) {
    const type = readUint16(bytes, position);
    const length = readUint16(bytes, position + 2);
    const value = position + attributeHeaderOctets;
    const next = value + ((length + 3) & ~3);
    if (next > end) return 'stun-attribute-too-long';
    if (type === stunAttributes.fingerprint) {
      if (length !== 4 || next !== end) return 'stun-wrong-attribute';
      const expected = (crc32(bytes, into.offset, position - into.offset) ^ fingerprintMask) >>> 0;
      return readUint32(bytes, value) === expected ? undefined : 'stun-wrong-fingerprint';
    }
    if (counts(type, into) && !readAttribute(bytes, position, into)) return 'stun-wrong-attribute';
    position = next;
  }
  return undefined;
}

/** Returns true if an attribute of this type counts behind the authentication values that were read. */
function counts(type: number, layout: StunLayout): boolean {
  if (layout.integritySha256.isPresent) return false;
  return !layout.integrity.isPresent || type === stunAttributes.messageIntegritySha256;
}

/** Returns false if the value cannot be one of this attribute. */
function readAttribute(bytes: Uint8Array, position: number, into: StunLayout): boolean {
  const type = readUint16(bytes, position);
  const length = readUint16(bytes, position + 2);
  const value = position + attributeHeaderOctets;
  switch (type) {
    case stunAttributes.data:
      return take(into.data, value, length);
    case stunAttributes.xorPeerAddress:
      return readEndpoint(bytes, position, into.peer, magicCookie);
    case stunAttributes.xorMappedAddress:
      return readEndpoint(bytes, position, into.mapped, magicCookie);
    case stunAttributes.xorRelayedAddress:
      return readEndpoint(bytes, position, into.relayed, magicCookie);
    case stunAttributes.alternateServer:
      return readEndpoint(bytes, position, into.alternate, 0);
    case stunAttributes.mappedAddress:
      return true;
    case stunAttributes.errorCode:
      if (length < 4) return false;
      if (into.errorCode === 0) into.errorCode = (bytes[value + 2]! & 7) * 100 + bytes[value + 3]!;
      return bytes[value + 3]! < 100;
    case stunAttributes.lifetime:
      if (length !== 4) return false;
      if (into.lifetime < 0) into.lifetime = readUint32(bytes, value);
      return true;
    case stunAttributes.channelNumber:
      if (length !== 4) return false;
      if (into.channelNumber < 0) into.channelNumber = readUint16(bytes, value);
      return true;
    case stunAttributes.messageIntegrity:
      return length === sha1Octets && take(into.integrity, value, length);
    case stunAttributes.messageIntegritySha256:
      if (length < shortestSha256Octets || length > sha256Octets || (length & 3) !== 0) return false;
      return take(into.integritySha256, value, length);
    default:
      return readText(type, value, length, into);
  }
}

/** Takes attributes that are copied as they are; counts those that a reader must understand and that are unknown. */
function readText(type: number, value: number, length: number, into: StunLayout): boolean {
  const place = placeOf(type, into);
  if (place !== undefined) return take(place, value, length);
  if (type < 0x8000 && type !== stunAttributes.unknownAttributes) into.unknownRequired++;
  return true;
}

function placeOf(type: number, into: StunLayout): AttributePlace | undefined {
  switch (type) {
    case stunAttributes.realm:
      return into.realm;
    case stunAttributes.nonce:
      return into.nonce;
    case stunAttributes.username:
      return into.username;
    case stunAttributes.userHash:
      return into.userHash;
    case stunAttributes.passwordAlgorithm:
      return into.passwordAlgorithm;
    case stunAttributes.passwordAlgorithms:
      return into.passwordAlgorithms;
    case stunAttributes.requestedTransport:
      return into.requestedTransport;
    default:
      return undefined;
  }
}

function take(place: AttributePlace, value: number, length: number): true {
  if (!place.isPresent) {
    place.offset = value;
    place.length = length;
  }
  return true;
}

/** Reads an endpoint that is combined with `mask` (RFC 8489 section 14.2); one of IPv6 counts as absent. */
function readEndpoint(bytes: Uint8Array, position: number, into: EndpointPlace, mask: number): boolean {
  const length = readUint16(bytes, position + 2);
  const value = position + attributeHeaderOctets;
  if (length === 20 && bytes[value + 1] === ipv6Family) return true;
  if (length !== 8 || bytes[value + 1] !== ipv4Family) return false;
  if (into.isPresent) return true;
  into.port = readUint16(bytes, value + 2) ^ (mask >>> 16);
  into.address = (readUint32(bytes, value + 4) ^ mask) >>> 0;
  return true;
}
