import { createMutableIpv6Value, type Ipv6Value, type MutableIpv6Value, readIpv6Into } from '@navalis/address';
import { destinationOffset, sourceOffset } from '../constants.ts';

/**
 * The addresses of one IPv6 packet, read once and passed along to the functions that judge them. One object serves all packets
 * of an engine; an address is valid until the next one is read.
 *
 * A `DataView` reads a word in one instruction. Four octets joined by shifts would use up what V8 inlines into the
 * packet path, and each word that a function returns without being inlined becomes an object.
 */
export class InnerHeader {
  readonly #source: MutableIpv6Value = createMutableIpv6Value();
  readonly #destination: MutableIpv6Value = createMutableIpv6Value();
  #bytes: Uint8Array = new Uint8Array(0);
  #view: DataView = viewOf(this.#bytes);

  /** Reads the source of the packet at `packetOffset`. The caller has checked that the header is complete. */
  readSource(bytes: Uint8Array, packetOffset: number): void {
    if (bytes !== this.#bytes) this.#take(bytes);
    readIpv6Into(this.#source, this.#view, packetOffset + sourceOffset);
  }

  /** Reads the destination of the packet at `packetOffset`. The caller has checked that the header is complete. */
  readDestination(bytes: Uint8Array, packetOffset: number): void {
    if (bytes !== this.#bytes) this.#take(bytes);
    readIpv6Into(this.#destination, this.#view, packetOffset + destinationOffset);
  }

  get source(): Ipv6Value {
    return this.#source;
  }

  get destination(): Ipv6Value {
    return this.#destination;
  }

  /** All packets of a data plane lie in one memory, so that this happens once. */
  #take(bytes: Uint8Array): void {
    this.#bytes = bytes;
    this.#view = viewOf(bytes);
  }
}

function viewOf({ buffer, byteOffset, byteLength }: Uint8Array): DataView {
  return new DataView(buffer, byteOffset, byteLength);
}
