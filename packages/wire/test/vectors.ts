import { type Ipv6Value, parseIpv6 } from '@navalis/address';

/** Octets of hexadecimal digits; spaces are for the reader. */
export function octets(...hexadecimal: readonly string[]): Uint8Array {
  const digits = hexadecimal.join('').replaceAll(' ', '');
  return Uint8Array.from(digits.match(/../g) ?? [], (pair) => Number.parseInt(pair, 16));
}

export function concatenate(...parts: readonly Uint8Array[]): Uint8Array {
  return Uint8Array.from(parts.flatMap((part) => [...part]));
}

/** The first `length` octets that `write` produces at an offset other than 0. */
export function written(write: (bytes: Uint8Array, offset: number) => number): Uint8Array {
  const bytes = new Uint8Array(4096).fill(0xa5);
  const offset = 7;
  const length = write(bytes, offset);
  if (bytes[offset - 1] !== 0xa5 || bytes[offset + length] !== 0xa5) throw new Error('wrote outside');
  return bytes.slice(offset, offset + length);
}

/** A copy with some octets replaced. */
export function altered(bytes: Uint8Array, offset: number, ...values: readonly number[]): Uint8Array {
  const copy = bytes.slice();
  copy.set(values, offset);
  return copy;
}

export const clientAddress: Ipv6Value = parseIpv6('2001:0:cb00:7178:0:efff:3fff:fdfe')!;
export const peerAddress: Ipv6Value = parseIpv6('2001:0:c633:6476:0:dfff:3fff:fdf5')!;
export const clientLinkLocal: Ipv6Value = parseIpv6('fe80::3fff:f5ff:fffd')!;
export const serverLinkLocalAddress: Ipv6Value = parseIpv6('fe80::8000:f227:34ff:8e87')!;
export const clientPrefix: Ipv6Value = parseIpv6('2001:0:cb00:7178::')!;

/** Section 18.3. */
export const originVector: Uint8Array = octets('0000feaefefdfcfb');
export const clientOriginVector: Uint8Array = octets('0000efff3ffffdfe');
export const secureAuthenticationVector: Uint8Array = octets(
  '00010514 616c696365 57d7af2c42789657ab89a491ae3dd747db25c06d 0102030405060708 00',
);
export const nonceAuthenticationVector: Uint8Array = octets('00010000 0102030405060708 00');

/** Section 18.4. */
export const bubbleVector: Uint8Array = octets(
  '6000000000003bff 20010000cb0071780000efff3ffffdfe 20010000c63364760000dfff3ffffdf5',
);

/** Section 18.5. */
export const solicitationVector: Uint8Array = octets(
  '6000000000083aff fe8000000000000000003ffff5fffffd ff020000000000000000000000000002 8500473a00000000',
);

/** Section 18.6. */
export const advertisementVector: Uint8Array = octets(
  '6000000000383aff fe800000000000008000f22734ff8e87 fe8000000000000000003ffff5fffffd',
  '86005f4f 00000000 00000000 000007d0 03044040 ffffffff ffffffff 00000000',
  '20010000cb0071780000000000000000 05010000 00000500',
);

/** Section 18.7. */
export const echoRequestVector: Uint8Array = octets(
  '6000000000183a40 20010000cb0071780000efff3ffffdfe 20010db8000000000000000000000001 8000b6f0 54450001',
  '00112233445566778899aabbccddeeff',
);

/** Sections 18.8 to 18.10. */
export const nonceTrailerVector: Uint8Array = octets('0104deadbeef');
export const randomPortTrailerVector: Uint8Array = octets('05023039');
export const alternateAddressTrailerVector: Uint8Array = octets('030e0000 c0a8010ac000 0a000007c000');
export const discoveryTrailerVectors: readonly Uint8Array[] = [octets('040400000000'), octets('040401000000')];
