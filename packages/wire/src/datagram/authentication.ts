import { nonceAuthenticationLength, nonceLength } from '../constants.ts';

export interface AuthenticationFields {
  /** At most 255 octets. */
  readonly clientIdentifier: Uint8Array;
  /** At most 255 octets. */
  readonly authenticationValue: Uint8Array;
  /** 8 octets. */
  readonly nonce: Uint8Array;
  /** 0: the client's key is valid; anything else: it should be renewed. */
  readonly confirmation: number;
}

/**
 * Writes the 13-octet form with the 8 octets of the nonce at `nonceOffset` of `nonce`: no client identifier, no
 * authentication value, confirmation 0 (RFC 4380 5.1.1, 5.2.2). The caller has checked that they are there.
 */
export function writeNonceAuthentication(
  bytes: Uint8Array,
  offset: number,
  nonce: Uint8Array,
  nonceOffset = 0,
): number {
  bytes[offset] = 0;
  bytes[offset + 1] = 1;
  bytes[offset + 2] = 0;
  bytes[offset + 3] = 0;
  for (let index = 0; index < nonceLength; index++) bytes[offset + 4 + index] = nonce[nonceOffset + index]!;
  bytes[offset + 4 + nonceLength] = 0;
  return nonceAuthenticationLength;
}

/**
 * Writes an Authentication and returns its octets (RFC 4380 5.1.1).
 * @throws RangeError when a field has an impossible length.
 */
export function writeAuthentication(bytes: Uint8Array, offset: number, fields: AuthenticationFields): number {
  const { clientIdentifier, authenticationValue, nonce } = fields;
  if (clientIdentifier.length > 255 || authenticationValue.length > 255 || nonce.length !== nonceLength) {
    throw new RangeError('An Authentication holds at most 255 octets each of identifier and value, and a nonce of 8.');
  }
  bytes[offset] = 0;
  bytes[offset + 1] = 1;
  bytes[offset + 2] = clientIdentifier.length;
  bytes[offset + 3] = authenticationValue.length;
  let position = offset + 4;
  bytes.set(clientIdentifier, position);
  position += clientIdentifier.length;
  bytes.set(authenticationValue, position);
  position += authenticationValue.length;
  bytes.set(nonce, position);
  bytes[position + nonceLength] = fields.confirmation;
  return nonceAuthenticationLength + clientIdentifier.length + authenticationValue.length;
}
