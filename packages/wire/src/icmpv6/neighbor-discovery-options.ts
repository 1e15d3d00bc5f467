/** Neighbor Discovery option types (RFC 4861 4.6). */
export const neighborDiscoveryOptions = {
  prefixInformation: 3,
  mtu: 5,
} as const;

/** Octets of a Prefix Information option (RFC 4861 4.6.2) and of an MTU option (RFC 4861 4.6.4). */
export const prefixInformationLength = 32;
export const mtuOptionLength = 8;

/**
 * The length in octets of the option at `offset`; 0 when it is not valid: its length field is 0 or it does not fit
 * before `end`.
 */
export function optionLengthAt(bytes: Uint8Array, offset: number, end: number): number {
  if (end - offset < 8) return 0;
  const length = bytes[offset + 1]! * 8;
  return length > end - offset ? 0 : length;
}

/** Returns true if the octets from `offset` to `end` are a sequence of valid options, possibly none. */
export function areValidOptions(bytes: Uint8Array, offset: number, end: number): boolean {
  let position = offset;
  while (position < end) {
    const length = optionLengthAt(bytes, position, end);
    if (length === 0) return false;
    position += length;
  }
  return true;
}
