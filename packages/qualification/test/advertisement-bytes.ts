import {
  type Ipv4Endpoint,
  type Ipv4Value,
  type Ipv6Value,
  serverLinkLocal,
  writeIpv6,
  writeUint16,
  writeUint32,
} from '@navalis/address';

/** Everything about a server's answer that a test may want to get wrong. */
export interface AdvertisementParts {
  readonly nonce: Uint8Array | undefined;
  readonly origin: Ipv4Endpoint | undefined;
  readonly source: Ipv6Value;
  readonly destination: Ipv6Value;
  readonly hopLimit: number;
  readonly type: number;
  readonly code: number;
  readonly prefixes: readonly { readonly prefix: Ipv6Value; readonly length: number }[];
  readonly mtu: number | undefined;
  readonly checksumError: number;
}

export function partsFor(primary: Ipv4Value, mapped: Ipv4Endpoint, solicitation: Solicitation): AdvertisementParts {
  return {
    nonce: solicitation.nonce,
    origin: mapped,
    source: serverLinkLocal(primary),
    destination: solicitation.source,
    hopLimit: 255,
    type: 134,
    code: 0,
    prefixes: [{ prefix: { word0: 0x20010000, word1: primary, word2: 0, word3: 0 }, length: 64 }],
    mtu: 1280,
    checksumError: 0,
  };
}

export interface Solicitation {
  readonly nonce: Uint8Array;
  readonly source: Ipv6Value;
}

/** Lays the answer out by hand, so that the codec under test is not its own oracle. */
export function advertisementBytes(parts: AdvertisementParts): Uint8Array {
  const bytes = new Uint8Array(400);
  let at = 0;
  if (parts.nonce !== undefined) {
    bytes.set([0, 1, 0, 0, ...parts.nonce, 0], at);
    at += 13;
  }
  if (parts.origin !== undefined) {
    writeUint16(bytes, at + 2, parts.origin.port ^ 0xffff);
    writeUint32(bytes, at + 4, ~parts.origin.address >>> 0);
    at += 8;
  }
  const packet = at;
  const payloadLength = 16 + 32 * parts.prefixes.length + (parts.mtu === undefined ? 0 : 8);
  bytes.set([0x60, 0, 0, 0, 0, payloadLength, 58, parts.hopLimit], packet);
  writeIpv6(bytes, packet + 8, parts.source);
  writeIpv6(bytes, packet + 24, parts.destination);
  bytes[packet + 40] = parts.type;
  bytes[packet + 41] = parts.code;
  at = packet + 56;
  for (const { prefix, length } of parts.prefixes) {
    bytes.set([3, 4, length, 0x40, 255, 255, 255, 255, 255, 255, 255, 255], at);
    writeIpv6(bytes, at + 16, prefix);
    at += 32;
  }
  if (parts.mtu !== undefined) {
    bytes.set([5, 1], at);
    writeUint32(bytes, at + 4, parts.mtu);
    at += 8;
  }
  writeUint16(bytes, packet + 42, checksum(bytes, packet, payloadLength) ^ parts.checksumError);
  return bytes.slice(0, at);
}

function checksum(bytes: Uint8Array, packet: number, payloadLength: number): number {
  let sum = payloadLength + 58;
  for (let i = 8; i < 40 + payloadLength; i += 2) sum += (bytes[packet + i]! << 8) | bytes[packet + i + 1]!;
  while (sum > 0xffff) sum = (sum & 0xffff) + (sum >>> 16);
  return ~sum & 0xffff;
}
