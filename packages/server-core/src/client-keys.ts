import { type DatagramLayout, MessageAuthenticator, type SecureCredentials } from '@navalis/wire';

export interface ClientKey extends SecureCredentials {
  /** The key is still valid, and the server tells the client to get another one (SV-A-11). */
  readonly shouldRenew: boolean;
}

export interface VerifiedKey {
  readonly authenticator: MessageAuthenticator;
  readonly shouldRenew: boolean;
}

/** The clients that a server shares a secret with, by client identifier; bounded by what the operator writes down. */
export class ClientKeys {
  #byHash: ReadonlyMap<number, readonly VerifiedKey[]>;

  constructor(keys: readonly ClientKey[]) {
    this.#byHash = indexOf(keys);
  }

  /** Replaces all keys at once; they apply from the next datagram on. */
  replace(keys: readonly ClientKey[]): void {
    this.#byHash = indexOf(keys);
  }

  /** The key that the datagram's Authentication was made with; undefined when it was made with none of them. */
  verify(bytes: Uint8Array, layout: DatagramLayout): VerifiedKey | undefined {
    const { clientIdentifierOffset, clientIdentifierLength } = layout;
    const candidates = this.#byHash.get(hashOf(bytes, clientIdentifierOffset, clientIdentifierLength));
    if (candidates === undefined) return undefined;
    for (const candidate of candidates) {
      if (candidate.authenticator.verify(bytes, layout)) return candidate;
    }
    return undefined;
  }

  /** Returns true if there is a key for the client that the datagram's Authentication names. */
  knows(
    bytes: Uint8Array,
    { clientIdentifierOffset: offset, clientIdentifierLength: length }: DatagramLayout,
  ): boolean {
    const candidates = this.#byHash.get(hashOf(bytes, offset, length)) ?? [];
    return candidates.some(({ authenticator }) => authenticator.isFor(bytes, offset, length));
  }
}

function indexOf(keys: readonly ClientKey[]): Map<number, VerifiedKey[]> {
  const byHash = new Map<number, VerifiedKey[]>();
  for (const key of keys) {
    const hash = hashOf(key.clientIdentifier, 0, key.clientIdentifier.length);
    const entry = { authenticator: new MessageAuthenticator(key), shouldRenew: key.shouldRenew };
    const others = byHash.get(hash);
    if (others === undefined) byHash.set(hash, [entry]);
    else others.push(entry);
  }
  return byHash;
}

/** FNV-1a: the operator chooses the identifiers, so nobody else can make them collide. */
export function hashOf(bytes: Uint8Array, offset: number, length: number): number {
  let hash = 0x811c9dc5;
  for (let i = 0; i < length; i++) hash = Math.imul(hash ^ bytes[offset + i]!, 0x01000193);
  return hash;
}
