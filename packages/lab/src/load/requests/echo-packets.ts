import { type Ipv6Value, readUint32, writeUint32 } from '@navalis/address';
import { createPacketRun, type PacketRun, pointRunAt } from '@navalis/engine';
import { echoDataLength, echoDataOffset, writeEchoRequest } from '@navalis/wire';

/** Hop limit of the requests. */
const hopLimit = 64;

/** The data of a request, which its answer brings back. */
export interface EchoMark {
  flow: number;
  /** The lowest 32 bits of its number. */
  sequence: number;
}

/** Writes the echo requests of one generator, and knows the answers to them again. A packet has 60 octets at least. */
export class EchoPackets {
  /** The request written last. */
  readonly request: PacketRun;
  readonly #data: Uint8Array;
  readonly #token: number;
  readonly #mark: EchoMark = { flow: 0, sequence: 0 };

  /** `token` tells this generator from others. */
  constructor(packetOctets: number, token: number) {
    this.#token = token;
    this.#data = new Uint8Array(packetOctets - echoDataOffset);
    this.request = createPacketRun(new Uint8Array(packetOctets));
    pointRunAt(this.request, 0, packetOctets);
  }

  write(source: Ipv6Value, destination: Ipv6Value, { flow, sequence }: EchoMark): void {
    const data = this.#data;
    writeUint32(data, 0, this.#token);
    writeUint32(data, 4, flow);
    writeUint32(data, 8, sequence);
    const identifier = this.#token >>> 16;
    const fields = { source, destination, identifier, sequence: sequence & 0xffff, hopLimit, data };
    writeEchoRequest(this.request.memory, 0, fields);
  }

  /** Returns the mark of an echo reply, valid until the next call; undefined if it answers no request of this generator. */
  markOf(bytes: Uint8Array, packetOffset: number): Readonly<EchoMark> | undefined {
    const data = packetOffset + echoDataOffset;
    if (echoDataLength(bytes, packetOffset) !== this.#data.length || readUint32(bytes, data) !== this.#token)
      return undefined;
    this.#mark.flow = readUint32(bytes, data + 4);
    this.#mark.sequence = readUint32(bytes, data + 8);
    return this.#mark;
  }
}
