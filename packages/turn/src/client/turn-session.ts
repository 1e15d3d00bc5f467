import { readUint16 } from '@navalis/address';
import { stunAttributes } from '../stun/constants.ts';
import {
  isAuthentic,
  longTermKey,
  type PasswordAlgorithm,
  prepared,
  type TurnCredentials,
  userHash,
} from '../stun/long-term-credentials.ts';
import type { StunLayout } from '../stun/stun-layout.ts';
import type { StunWriter } from '../stun/stun-writer.ts';
import { longestAlgorithms, longestText } from './choices.ts';

/** Nonces of servers with the security features of RFC 8489 begin so; 24 bits follow in Base64 (section 9.2). */
const featureCookie = 'obMatJos2';
const base64 = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/';

/** Numbers of password algorithms (RFC 8489 section 18.5). */
const algorithmNumbers: Readonly<Record<PasswordAlgorithm, number>> = { md5: 1, 'sha-256': 2 };

/** The realm, nonce and key that a server's challenge led to (RFC 8489 section 9.2). */
export class TurnSession {
  readonly #credentials: TurnCredentials;
  #realm: Uint8Array = new Uint8Array(0);
  #nonce: Uint8Array = new Uint8Array(0);
  #key: Uint8Array | undefined;
  #algorithm: PasswordAlgorithm = 'md5';
  /** As the server offered them; undefined: it did not. */
  #offered: Uint8Array | undefined;
  #hidesName = false;

  constructor(credentials: TurnCredentials) {
    this.#credentials = credentials;
  }

  /** Returns true if requests carry authentication values. */
  get isChallenged(): boolean {
    return this.#key !== undefined;
  }

  forget(): void {
    this.#key = undefined;
  }

  /** Takes the nonce and realm of a 401 or 438; false when the challenge is none that may be followed. */
  challenge(bytes: Uint8Array, layout: StunLayout): boolean {
    const { nonce, realm, passwordAlgorithms } = layout;
    if (nonce.length === 0 || nonce.length > longestText) return false;
    // Without a realm the one of the last challenge holds.
    if (realm.isPresent ? realm.length > longestText : !this.isChallenged) return false;
    const features = featuresOf(nonce.copyFrom(bytes));
    const offered = features.hasAlgorithms ? passwordAlgorithms.copyFrom(bytes) : undefined;
    const algorithm = offered === undefined ? 'md5' : chosenAlgorithm(offered);
    if (offered !== undefined && offered.length > longestAlgorithms) return false;
    // No known one. If the nonce announces algorithms and there are none, it was changed on the way (RFC 8489 section 9.2.5).
    if (algorithm === undefined) return false;
    this.#nonce = nonce.copyFrom(bytes);
    if (realm.isPresent) this.#realm = realm.copyFrom(bytes);
    this.#offered = offered;
    this.#algorithm = algorithm;
    this.#hidesName = features.hidesNames;
    this.#key = longTermKey(this.#credentials, this.#realm, algorithm);
    return true;
  }

  /** Returns true if a nonce is the one in use. */
  isNonce(nonce: Uint8Array): boolean {
    return nonce.length === this.#nonce.length && nonce.every((octet, index) => octet === this.#nonce[index]);
  }

  /** Adds name, realm, nonce and authentication value, if the server asked for them. */
  sign(writer: StunWriter): void {
    if (this.#key === undefined) return;
    const { username } = this.#credentials;
    if (this.#hidesName) writer.value(stunAttributes.userHash, userHash(username, this.#realm));
    else writer.value(stunAttributes.username, prepared(username));
    writer.value(stunAttributes.realm, this.#realm).value(stunAttributes.nonce, this.#nonce);
    if (this.#offered !== undefined) {
      writer.value(stunAttributes.passwordAlgorithms, this.#offered);
      writer.word(stunAttributes.passwordAlgorithm, algorithmNumbers[this.#algorithm] << 16);
    }
    writer.integrity(this.#key, this.#offered === undefined ? 'sha-1' : 'sha-256');
  }

  /** Returns true if a response proves that it comes from the server that knows the password. */
  isAuthentic(bytes: Uint8Array, layout: StunLayout): boolean {
    if (this.#key === undefined) return false;
    return isAuthentic(bytes, layout, this.#key, this.#offered === undefined ? 'sha-1' : 'sha-256');
  }
}

interface SecurityFeatures {
  readonly hasAlgorithms: boolean;
  readonly hidesNames: boolean;
}

function featuresOf(nonce: Uint8Array): SecurityFeatures {
  const text = String.fromCharCode(...nonce);
  // Bit 0 is the last of 24 (RFC 8489 section 18.1); all are 0 in a nonce that ends before, or has another octet there.
  const last = text.startsWith(featureCookie) ? Math.max(0, base64.indexOf(text.charAt(featureCookie.length + 3))) : 0;
  return { hasAlgorithms: (last & 1) !== 0, hidesNames: (last & 2) !== 0 };
}

/** Returns the best known algorithm of a list of pairs of number and parameters; undefined when there is none. */
function chosenAlgorithm(list: Uint8Array): PasswordAlgorithm | undefined {
  let chosen: PasswordAlgorithm | undefined;
  for (let at = 0; at + 4 <= list.length; at += 4 + ((readUint16(list, at + 2) + 3) & ~3)) {
    const number = readUint16(list, at);
    if (number === algorithmNumbers['sha-256']) return 'sha-256';
    if (number === algorithmNumbers.md5) chosen = 'md5';
  }
  return chosen;
}
