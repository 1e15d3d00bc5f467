import { type Ipv4Value, writeUint16, writeUint32 } from '@navalis/address';
import { originIndicationLength } from '../constants.ts';

/** Writes the obfuscated endpoint and returns its 8 octets (RFC 4380 5.1.1). */
export function writeOriginIndication(bytes: Uint8Array, offset: number, address: Ipv4Value, port: number): number {
  writeUint16(bytes, offset, 0);
  writeUint16(bytes, offset + 2, port ^ 0xffff);
  writeUint32(bytes, offset + 4, ~address);
  return originIndicationLength;
}
