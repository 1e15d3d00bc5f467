import { type Ipv4Value, readUint16, readUint32 } from '@navalis/address';
import { type Frame, linkTypes } from './frame.ts';

/** The UDP payload of a frame. */
export interface CapturedDatagram {
  readonly kind: 'datagram';
  readonly sourceAddress: Ipv4Value;
  readonly sourcePort: number;
  readonly destinationAddress: Ipv4Value;
  readonly destinationPort: number;
  readonly payload: Uint8Array;
  /** The capture has its beginning only. */
  readonly isCut: boolean;
}

interface CapturedFragment {
  readonly kind: 'fragment';
  readonly sourceAddress: Ipv4Value;
  readonly destinationAddress: Ipv4Value;
  /** In octets. */
  readonly offset: number;
}

const ipv4HeaderOctets = 20;
const udpHeaderOctets = 8;
const udpProtocol = 17;
const etherTypes = { ipv4: 0x0800, vlan: 0x8100, serviceVlan: 0x88a8 } as const;
/** Our choice: tags of VLANs, one in the other. */
const mostTags = 4;

/** Returns the UDP datagram over IPv4 in a frame, or the fragment of one; undefined for anything else. */
export function readUdp({ bytes, linkType }: Frame): CapturedDatagram | CapturedFragment | undefined {
  const start = ipv4Offset(bytes, linkType);
  return start === undefined ? undefined : readIpv4(bytes, start);
}

/** Returns where the IPv4 header starts; undefined where there is none. */
function ipv4Offset(bytes: Uint8Array, linkType: number | undefined): number | undefined {
  switch (linkType) {
    case linkTypes.ethernet:
      return behindEtherType(bytes, 12);
    case linkTypes.linuxCooked:
      return behindEtherType(bytes, 14);
    case linkTypes.linuxCooked2:
      return readUint16(bytes, 0) === etherTypes.ipv4 ? 20 : undefined;
    case linkTypes.null:
    case linkTypes.loop:
      return 4;
    case linkTypes.raw:
    case linkTypes.rawOfBsd:
    case linkTypes.rawOfOpenBsd:
    case linkTypes.ipv4:
      return 0;
    case undefined:
      return bytes[0]! >>> 4 === 4 ? 0 : behindEtherType(bytes, 12);
    default:
      return undefined;
  }
}

function behindEtherType(bytes: Uint8Array, first: number): number | undefined {
  let offset = first;
  for (let tags = 0; tags <= mostTags; tags++) {
    // Beyond the end of a short frame there is no type.
    const type = readUint16(bytes, offset);
    if (type === etherTypes.ipv4) return offset + 2;
    if (type !== etherTypes.vlan && type !== etherTypes.serviceVlan) return undefined;
    offset += 4;
  }
  return undefined;
}

function readIpv4(bytes: Uint8Array, start: number): CapturedDatagram | CapturedFragment | undefined {
  if (bytes.length - start < ipv4HeaderOctets || bytes[start]! >>> 4 !== 4) return undefined;
  if (bytes[start + 9] !== udpProtocol) return undefined;
  const sourceAddress = readUint32(bytes, start + 12);
  const destinationAddress = readUint32(bytes, start + 16);
  const fragment = readUint16(bytes, start + 6);
  if ((fragment & 0x3fff) !== 0) {
    return { kind: 'fragment', sourceAddress, destinationAddress, offset: (fragment & 0x1fff) * 8 };
  }
  const udp = start + (bytes[start]! & 0xf) * 4;
  if (udp < start + ipv4HeaderOctets || udp + udpHeaderOctets > bytes.length) return undefined;
  const length = readUint16(bytes, udp + 4) - udpHeaderOctets;
  if (length < 0) return undefined;
  const payload = udp + udpHeaderOctets;
  return {
    kind: 'datagram',
    sourceAddress,
    sourcePort: readUint16(bytes, udp),
    destinationAddress,
    destinationPort: readUint16(bytes, udp + 2),
    payload: bytes.subarray(payload, payload + length),
    isCut: payload + length > bytes.length,
  };
}
