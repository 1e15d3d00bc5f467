import {
  buildTeredoAddress,
  type Ipv4Endpoint,
  Ipv4Policy,
  type Ipv6Value,
  parseIpv4,
  parseIpv6,
  writeIpv6,
} from '@navalis/address';
import { writeBubble, writeEchoRequest } from '@navalis/wire';

export const policy: Ipv4Policy = new Ipv4Policy({ strictness: 'rfc4380' });
export const primary: number = parseIpv4('203.0.113.120')!;
export const secondary: number = parseIpv4('203.0.113.121')!;

/** Clients behind NATs: `alice` and `bob` are served by the server under test, `carol` by another. */
export const aliceEndpoint: Ipv4Endpoint = { address: parseIpv4('192.0.2.1')!, port: 4096 };
export const bobEndpoint: Ipv4Endpoint = { address: parseIpv4('198.51.100.7')!, port: 2000 };
export const carolEndpoint: Ipv4Endpoint = { address: parseIpv4('192.0.2.10')!, port: 8192 };
export const alice: Ipv6Value = teredo(primary, aliceEndpoint);
export const bob: Ipv6Value = teredo(primary, bobEndpoint);
export const carolServer: number = parseIpv4('198.51.100.118')!;
export const carol: Ipv6Value = teredo(carolServer, carolEndpoint);
export const nativeHost: Ipv6Value = parseIpv6('2a00:1:2:3::4')!;
export const relayEndpoint: Ipv4Endpoint = { address: parseIpv4('198.51.100.50')!, port: 40000 };

/** Section 18.5: from a client's link-local address, cone bit 0. */
export const solicitation: Uint8Array = bytesOf(
  '6000000000083aff fe8000000000000000003ffff5fffffd ff020000000000000000000000000002 8500473a00000000',
);

/** Section 18.6: the answer to `solicitation`. */
export const advertisement: Uint8Array = bytesOf(
  '6000000000383aff fe800000000000008000f22734ff8e87 fe8000000000000000003ffff5fffffd' +
    '86005f4f 00000000 00000000 000007d0 03044040 ffffffff ffffffff 00000000' +
    '20010000cb0071780000000000000000 05010000 00000500',
);

export function bytesOf(hex: string): Uint8Array {
  return Uint8Array.from(hex.replaceAll(/\s/g, '').match(/../g) ?? [], (octet) => Number.parseInt(octet, 16));
}

export function join(...parts: readonly Uint8Array[]): Uint8Array {
  return Uint8Array.from(parts.flatMap((part) => [...part]));
}

export function teredo(server: number, mapped: Ipv4Endpoint): Ipv6Value {
  return buildTeredoAddress({ server, flags: 0, mapped, policy })!;
}

export function bubble(source: Ipv6Value, destination: Ipv6Value, hopLimit = 255): Uint8Array {
  const bytes = new Uint8Array(40);
  writeBubble(bytes, 0, source, destination);
  bytes[7] = hopLimit;
  return bytes;
}

export function echoRequest(
  source: Ipv6Value,
  destination: Ipv6Value,
  { hopLimit = 64, octets = 16 }: { hopLimit?: number; octets?: number } = {},
): Uint8Array {
  const bytes = new Uint8Array(48 + octets);
  const data = new Uint8Array(octets).fill(0x5a);
  writeEchoRequest(bytes, 0, { source, destination, identifier: 1, sequence: 1, hopLimit, data });
  return bytes;
}

/** An IPv6 packet with any next header and payload, for what servers must refuse. */
export function packetOf(
  nextHeader: number,
  source: Ipv6Value,
  destination: Ipv6Value,
  payload: Uint8Array,
): Uint8Array {
  const bytes = new Uint8Array(40 + payload.length);
  bytes[0] = 0x60;
  bytes[5] = payload.length;
  bytes[6] = nextHeader;
  bytes[7] = 64;
  writeIpv6(bytes, 8, source);
  writeIpv6(bytes, 24, destination);
  bytes.set(payload, 40);
  return bytes;
}

/** The nonce-only Authentication of docs/conformance/packet-layouts.md. */
export const nonceAuthentication: Uint8Array = bytesOf('00010000 0102030405060708 00');
