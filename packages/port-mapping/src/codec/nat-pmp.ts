import { type Ipv4Value, readUint16, readUint32, writeUint16, writeUint32 } from '@navalis/address';
import type { CodecDrop } from './answer-drop.ts';

const version = 0;
const responseBit = 0x80;
const opcodes = { address: 0, udp: 1 } as const;
/** An answer without result fields: what a router may send of a version or operation that it does not know. */
const leastOctets = 8;
const addressOctets = 12;
const mapOctets = 16;

/** A request for a mapping of a UDP port (RFC 6886 section 3.3). */
export interface NatPmpMapRequest {
  readonly internalPort: number;
  /** 0 when the mapping is deleted. */
  readonly suggestedPort: number;
  /** 0 deletes the mapping. */
  readonly lifetimeSeconds: number;
}

/** An answer of a router that speaks NAT-PMP. */
export type NatPmpAnswer =
  | { readonly kind: 'address'; readonly address: Ipv4Value; readonly epochSeconds: number }
  | {
      readonly kind: 'mapped';
      readonly internalPort: number;
      readonly externalPort: number;
      readonly lifetimeSeconds: number;
      readonly epochSeconds: number;
    }
  | {
      readonly kind: 'refusal';
      readonly about: 'address' | 'mapping';
      /** RFC 6886 section 3.5. */
      readonly result: number;
      readonly epochSeconds: number;
    };

/** Returns a request for the external address of the router, 2 octets (RFC 6886 section 3.2). */
export function writeNatPmpAddressRequest(): Uint8Array {
  return Uint8Array.of(version, opcodes.address);
}

/** Returns a mapping request for UDP, 12 octets. */
export function writeNatPmpMapRequest(request: NatPmpMapRequest): Uint8Array {
  const bytes = new Uint8Array(12);
  bytes[0] = version;
  bytes[1] = opcodes.udp;
  writeUint16(bytes, 4, request.internalPort);
  writeUint16(bytes, 6, request.suggestedPort);
  writeUint32(bytes, 8, request.lifetimeSeconds);
  return bytes;
}

/** Reads an answer of a NAT-PMP router, solicited or not (RFC 6886 sections 3.2 and 3.3). */
export function readNatPmpAnswer(bytes: Uint8Array): NatPmpAnswer | CodecDrop {
  if (bytes.length < leastOctets || bytes[0] !== version || (bytes[1]! & responseBit) === 0) return 'mapping-malformed';
  const opcode = bytes[1]! & ~responseBit;
  if (opcode !== opcodes.address && opcode !== opcodes.udp) return 'mapping-not-asked';
  const result = readUint16(bytes, 2);
  const epochSeconds = readUint32(bytes, 4);
  const isAddress = opcode === opcodes.address;
  if (result !== 0) return { kind: 'refusal', about: isAddress ? 'address' : 'mapping', result, epochSeconds };
  if (bytes.length !== (isAddress ? addressOctets : mapOctets)) return 'mapping-malformed';
  if (isAddress) return { kind: 'address', address: readUint32(bytes, 8), epochSeconds };
  return {
    kind: 'mapped',
    internalPort: readUint16(bytes, 8),
    externalPort: readUint16(bytes, 10),
    lifetimeSeconds: readUint32(bytes, 12),
    epochSeconds,
  };
}
