import { writeUint16 } from '@navalis/address';
import { hmac } from '@noble/hashes/hmac.js';
import { md5, sha1 } from '@noble/hashes/legacy.js';
import { sha256 } from '@noble/hashes/sha2.js';
import { utf8ToBytes } from '@noble/hashes/utils.js';
import { attributeHeaderOctets, stunHeaderOctets } from './constants.ts';
import type { AttributePlace, StunLayout } from './stun-layout.ts';

/** A user's name and password at a TURN server (RFC 8489 section 9.2), not for log or status. */
export interface TurnCredentials {
  readonly username: string;
  readonly password: string;
}

/** How a key is made of name, realm and password (RFC 8489 section 18.5). */
export type PasswordAlgorithm = 'md5' | 'sha-256';

/** The hash of an authentication value: MESSAGE-INTEGRITY has SHA-1. */
export type IntegrityHash = 'sha-1' | 'sha-256';

/** Returns the key of long-term credentials in a realm (RFC 8489 section 9.2.2). */
export function longTermKey(
  { username, password }: TurnCredentials,
  realm: Uint8Array,
  algorithm: PasswordAlgorithm,
): Uint8Array {
  const hash = (algorithm === 'md5' ? md5 : sha256).create();
  hash.update(prepared(username)).update(utf8ToBytes(':')).update(realm);
  return hash.update(utf8ToBytes(':')).update(prepared(password)).digest();
}

/** Returns the value of USERHASH, which takes the place of the name (RFC 8489 section 14.4). */
export function userHash(username: string, realm: Uint8Array): Uint8Array {
  return sha256.create().update(prepared(username)).update(utf8ToBytes(':')).update(realm).digest();
}

/** Returns a name or password as octets: of the OpaqueString profile (RFC 8265) what ordinary text needs. */
export function prepared(text: string): Uint8Array {
  return utf8ToBytes(text.replace(/\p{Zs}/gu, ' ').normalize('NFC'));
}

/**
 * Returns the authentication value of a message whose attribute for it begins at `attribute`; the message begins at `offset`. The
 * header counts with the length that ends with this attribute (RFC 8489 section 14.5).
 */
export function integrityValue(
  bytes: Uint8Array,
  { offset, attribute }: { readonly offset: number; readonly attribute: number },
  key: Uint8Array,
  { hash, octets }: { readonly hash: IntegrityHash; readonly octets: number },
): Uint8Array {
  const header = bytes.slice(offset, offset + 4);
  writeUint16(header, 2, attribute + attributeHeaderOctets + octets - offset - stunHeaderOctets);
  const mac = hmac.create(hash === 'sha-1' ? sha1 : sha256, key);
  return mac
    .update(header)
    .update(bytes.subarray(offset + 4, attribute))
    .digest()
    .subarray(0, octets);
}

/** Returns true if the message carries an authentication value of this hash that the key makes; compares in constant time. */
export function isAuthentic(bytes: Uint8Array, layout: StunLayout, key: Uint8Array, hash: IntegrityHash): boolean {
  const place: AttributePlace = hash === 'sha-1' ? layout.integrity : layout.integritySha256;
  if (!place.isPresent) return false;
  const at = { offset: layout.offset, attribute: place.offset - attributeHeaderOctets };
  const value = integrityValue(bytes, at, key, { hash, octets: place.length });
  let difference = 0;
  for (let index = 0; index < place.length; index++) difference |= value[index]! ^ bytes[place.offset + index]!;
  return difference === 0;
}
