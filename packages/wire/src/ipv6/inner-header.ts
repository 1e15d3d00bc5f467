import { createMutableIpv6Value, type Ipv6Value, type MutableIpv6Value, readIpv6Into } from '@navalis/address';
import { destinationOffset, sourceOffset } from '../constants.ts';

/**
 * The addresses of the IPv6 packet at hand: read once, and passed along to whatever judges them. One object serves all packets
 * of an engine; an address is valid until the next one is read.
 */
export class InnerHeader {
  readonly #source: MutableIpv6Value = createMutableIpv6Value();
  readonly #destination: MutableIpv6Value = createMutableIpv6Value();

  /** Reads the source of the packet at `packetOffset`, whose header is whole. */
  readSource(bytes: Uint8Array, packetOffset: number): void {
    readIpv6Into(this.#source, bytes, packetOffset + sourceOffset);
  }

  /** Reads the destination of the packet at `packetOffset`, whose header is whole. */
  readDestination(bytes: Uint8Array, packetOffset: number): void {
    readIpv6Into(this.#destination, bytes, packetOffset + destinationOffset);
  }

  get source(): Ipv6Value {
    return this.#source;
  }

  get destination(): Ipv6Value {
    return this.#destination;
  }
}
