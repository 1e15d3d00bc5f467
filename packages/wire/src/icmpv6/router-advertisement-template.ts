import { type Ipv6Value, readUint16, writeIpv6, writeUint16 } from '@navalis/address';
import { defaultLinkMtu, destinationOffset } from '../constants.ts';
import { icmpv6ChecksumOffset } from './icmpv6.ts';
import { type RouterAdvertisementFields, writeRouterAdvertisement } from './write-router-advertisement.ts';

const nobody: Ipv6Value = { word0: 0, word1: 0, word2: 0, word3: 0 };

/** A Router Advertisement that is the same for all but its destination: written once, then copied. */
export class RouterAdvertisementTemplate {
  readonly #packet: Uint8Array;
  /** One's complement sum of pseudo-header and message without the destination. */
  readonly #sum: number;

  constructor(fields: Omit<RouterAdvertisementFields, 'destination'>) {
    const packet = new Uint8Array(defaultLinkMtu);
    this.#packet = packet.slice(0, writeRouterAdvertisement(packet, 0, { ...fields, destination: nobody }));
    this.#sum = ~readUint16(this.#packet, icmpv6ChecksumOffset) & 0xffff;
  }

  /** Writes the advertisement for `destination` and returns its octets. */
  write(bytes: Uint8Array, offset: number, destination: Ipv6Value): number {
    const packet = this.#packet;
    bytes.set(packet, offset);
    writeIpv6(bytes, offset + destinationOffset, destination);
    const { word0, word1, word2, word3 } = destination;
    let sum = this.#sum + halves(word0) + halves(word1) + halves(word2) + halves(word3);
    sum = (sum & 0xffff) + (sum >>> 16);
    sum = (sum & 0xffff) + (sum >>> 16);
    writeUint16(bytes, offset + icmpv6ChecksumOffset, ~sum & 0xffff);
    return packet.length;
  }
}

function halves(word: number): number {
  return (word >>> 16) + (word & 0xffff);
}
