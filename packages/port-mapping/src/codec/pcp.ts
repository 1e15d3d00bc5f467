import { type Ipv4Endpoint, type Ipv4Value, readUint16, readUint32, writeUint16, writeUint32 } from '@navalis/address';
import type { CodecDrop } from './answer-drop.ts';
import { readMappedIpv4, writeMappedIpv4 } from './octets.ts';

const version = 2;
const headerOctets = 24;
const mapOctets = 36;
const longestOctets = 1100;
const responseBit = 0x80;
const opcodes = { announce: 0, map: 1 } as const;
const udp = 17;

/** Octets of the nonce of a mapping, which proves to the router who made it (RFC 6887 section 11.1). */
export const pcpNonceOctets = 12;

/** A request for a mapping of a UDP port (RFC 6887 section 11.1). */
export interface PcpMapRequest {
  /** The source address of the request; the router compares them. */
  readonly client: Ipv4Value;
  readonly nonce: Uint8Array;
  readonly internalPort: number;
  /** The external endpoint to have; its address may be 0. */
  readonly suggested: Ipv4Endpoint;
  /** 0 deletes the mapping. */
  readonly lifetimeSeconds: number;
}

/** An answer of a router that speaks PCP. */
export type PcpAnswer =
  | {
      readonly kind: 'mapped';
      readonly nonce: Uint8Array;
      readonly internalPort: number;
      readonly external: Ipv4Endpoint;
      readonly lifetimeSeconds: number;
      readonly epochSeconds: number;
    }
  | { readonly kind: 'announcement'; readonly epochSeconds: number }
  | {
      readonly kind: 'refusal';
      /** RFC 6887 section 7.4. */
      readonly result: number;
      /** The nonce of the refused mapping; undefined where the answer has none. */
      readonly nonce: Uint8Array | undefined;
      /** How long the refusal lasts. */
      readonly lifetimeSeconds: number;
      readonly epochSeconds: number;
    }
  /** The router knows other versions only, such as NAT-PMP. */
  | { readonly kind: 'other-version' };

/** Returns a MAP request for UDP, 60 octets. */
export function writePcpMapRequest(request: PcpMapRequest): Uint8Array {
  const bytes = new Uint8Array(headerOctets + mapOctets);
  writeHeader(bytes, opcodes.map, request.client, request.lifetimeSeconds);
  bytes.set(request.nonce.subarray(0, pcpNonceOctets), headerOctets);
  bytes[36] = udp;
  writeUint16(bytes, 40, request.internalPort);
  writeUint16(bytes, 42, request.suggested.port);
  writeMappedIpv4(bytes, 44, request.suggested.address);
  return bytes;
}

/** Returns an ANNOUNCE request, whose answer tells the epoch of the router (RFC 6887 section 14.1.2). */
export function writePcpAnnounceRequest(client: Ipv4Value): Uint8Array {
  const bytes = new Uint8Array(headerOctets);
  writeHeader(bytes, opcodes.announce, client, 0);
  return bytes;
}

/** Reads an answer of a PCP router, solicited or not (RFC 6887 sections 7.2, 11.1 and 14.1). Options are passed over. */
export function readPcpAnswer(bytes: Uint8Array): PcpAnswer | CodecDrop {
  if (bytes.length < 4 || (bytes[1]! & responseBit) === 0) return 'mapping-malformed';
  if (bytes[0] !== version) return { kind: 'other-version' };
  if (bytes.length < headerOctets || bytes.length > longestOctets || bytes.length % 4 !== 0) return 'mapping-malformed';
  const opcode = bytes[1]! & ~responseBit;
  const result = bytes[3]!;
  const lifetimeSeconds = readUint32(bytes, 4);
  const epochSeconds = readUint32(bytes, 8);
  const isMap = opcode === opcodes.map;
  const hasBody = isMap && bytes.length >= headerOctets + mapOctets;
  if (result === unsupportedVersion) return { kind: 'other-version' };
  if (result !== 0) {
    const nonce = hasBody ? nonceIn(bytes) : undefined;
    return { kind: 'refusal', result, nonce, lifetimeSeconds, epochSeconds };
  }
  if (opcode === opcodes.announce) return { kind: 'announcement', epochSeconds };
  if (!isMap) return 'mapping-not-asked';
  if (!hasBody) return 'mapping-malformed';
  const address = readMappedIpv4(bytes, 44);
  if (address === undefined || bytes[36] !== udp) return 'mapping-not-asked';
  return {
    kind: 'mapped',
    nonce: nonceIn(bytes),
    internalPort: readUint16(bytes, 40),
    external: { address, port: readUint16(bytes, 42) },
    lifetimeSeconds,
    epochSeconds,
  };
}

const unsupportedVersion = 1;

function nonceIn(bytes: Uint8Array): Uint8Array {
  return Uint8Array.from(bytes.subarray(headerOctets, headerOctets + pcpNonceOctets));
}

function writeHeader(bytes: Uint8Array, opcode: number, client: Ipv4Value, lifetimeSeconds: number): void {
  bytes[0] = version;
  bytes[1] = opcode;
  writeUint32(bytes, 4, lifetimeSeconds);
  writeMappedIpv4(bytes, 8, client);
}
