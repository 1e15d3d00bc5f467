import {
  type Ipv4Value,
  type Ipv6Value,
  linkLocalPrefix,
  mappedAddressOfWord,
  mappedPortOfWord,
  readUint32,
  serverLinkLocal,
} from '@navalis/address';
import type { Assignment } from '@navalis/qualification';

const nowhere: Ipv6Value = { word0: linkLocalPrefix, word1: 0, word2: 0, word3: 0 };

/** What qualification gave, spread out for the packet path. */
export class OwnAddress {
  isSet = false;
  value: Ipv6Value = nowhere;
  server: Ipv4Value = 0;
  /** The link-local address of the own server, in whose name the host is told of errors. */
  router: Ipv6Value;
  mtu = 0;
  #word0 = 0;
  #word1 = 0;
  #word2 = 0;
  #word3 = 0;

  /** `server` is the one whose name errors bear while there is no address. */
  constructor(server: Ipv4Value) {
    this.router = serverLinkLocal(server);
  }

  set(assignment: Assignment): void {
    const { address } = assignment;
    this.isSet = true;
    this.value = address;
    this.server = assignment.server.primary;
    this.router = serverLinkLocal(assignment.server.primary);
    this.mtu = assignment.mtu;
    this.#word0 = address.word0;
    this.#word1 = address.word1;
    this.#word2 = address.word2;
    this.#word3 = address.word3;
  }

  clear(): void {
    this.isSet = false;
    this.value = nowhere;
  }

  /** Where the server sees us: the IPv4 address in the own address; asked only while there is one. */
  get mappedAddress(): Ipv4Value {
    return mappedAddressOfWord(this.#word3);
  }

  /** Whether the 16 octets at `offset` are the current address; asked only while there is one. */
  isAt(bytes: Uint8Array, offset: number): boolean {
    return this.is(
      readUint32(bytes, offset),
      readUint32(bytes, offset + 4),
      readUint32(bytes, offset + 8),
      readUint32(bytes, offset + 12),
    );
  }

  is(word0: number, word1: number, word2: number, word3: number): boolean {
    return word3 === this.#word3 && word2 === this.#word2 && word1 === this.#word1 && word0 === this.#word0;
  }

  /** Whether a Teredo address with this last word embeds our own mapped IPv4 address. */
  isBehindSameNat(word3: number): boolean {
    return word3 === this.#word3;
  }

  /** Whether a Teredo address with these last two words embeds our own mapped endpoint, whatever its flags. */
  isSibling(word2: number, word3: number): boolean {
    return (
      mappedAddressOfWord(word3) === mappedAddressOfWord(this.#word3) &&
      mappedPortOfWord(word2) === mappedPortOfWord(this.#word2)
    );
  }
}
