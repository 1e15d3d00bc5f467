import {
  embeddedAddress,
  embeddedPort,
  type Ipv4Value,
  type Ipv6Value,
  ipv6Equals,
  linkLocalPrefix,
  serverLinkLocal,
} from '@navalis/address';
import type { Assignment } from '@navalis/qualification';

const nowhere: Ipv6Value = { word0: linkLocalPrefix, word1: 0, word2: 0, word3: 0 };

/** The result of qualification, laid out for the packet path. Only `server` and `router` are of use while there is no address. */
export class OwnAddress {
  isSet = false;
  value: Ipv6Value = nowhere;
  mtu = 0;
  /** The primary address of the server in use, or of the last one. */
  server: Ipv4Value;
  /** Created with the first error. */
  #router: Ipv6Value | undefined;

  /** `server` is the source of ICMPv6 errors before there is an address. */
  constructor(server: Ipv4Value) {
    this.server = server;
  }

  /** The link-local address of the client's server: the source of ICMPv6 errors to the host. */
  get router(): Ipv6Value {
    this.#router ??= serverLinkLocal(this.server);
    return this.#router;
  }

  set({ address, server, mtu }: Assignment): void {
    this.isSet = true;
    this.value = address;
    this.server = server.primary;
    this.#router = undefined;
    this.mtu = mtu;
  }

  clear(): void {
    this.isSet = false;
  }

  /** Returns the mapped IPv4 address, which the own address embeds. Call it only while there is an address. */
  get mappedAddress(): Ipv4Value {
    return embeddedAddress(this.value);
  }

  /** Returns true if this is the current address. Call it only while there is one. */
  is(address: Ipv6Value): boolean {
    return ipv6Equals(address, this.value);
  }

  /** Returns true if this is the mapped endpoint. Call it only while there is an address. */
  isMappedEndpoint(address: Ipv4Value, port: number): boolean {
    return embeddedAddress(this.value) === address && embeddedPort(this.value) === port;
  }

  /** Returns true if a Teredo address with this last word embeds our own mapped IPv4 address. */
  isBehindSameNat(word3: number): boolean {
    return word3 === this.value.word3;
  }

  /** Returns true if a Teredo address embeds our own mapped endpoint, whatever its flags. */
  isSibling(address: Ipv6Value): boolean {
    return (
      embeddedAddress(address) === embeddedAddress(this.value) && embeddedPort(address) === embeddedPort(this.value)
    );
  }
}
