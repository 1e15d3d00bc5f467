import { type Ipv4Value, readUint32, writeUint32 } from '@navalis/address';

/** Writes an IPv4 address as the IPv4-mapped IPv6 address `::ffff:a.b.c.d`, as PCP has it (RFC 6887 section 5). */
export function writeMappedIpv4(bytes: Uint8Array, offset: number, address: Ipv4Value): void {
  bytes.fill(0, offset, offset + 10);
  bytes.fill(0xff, offset + 10, offset + 12);
  writeUint32(bytes, offset + 12, address);
}

/** Reads an IPv4-mapped IPv6 address; undefined for any other address. */
export function readMappedIpv4(bytes: Uint8Array, offset: number): Ipv4Value | undefined {
  for (let index = 0; index < 12; index++) {
    if (bytes[offset + index] !== (index < 10 ? 0 : 0xff)) return undefined;
  }
  return readUint32(bytes, offset + 12);
}
