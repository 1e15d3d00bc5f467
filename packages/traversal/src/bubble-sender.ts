import type { Ipv4Endpoint, Ipv4Value, Ipv6Value } from '@navalis/address';
import {
  type Counters,
  createPacketRun,
  type PacketRun,
  type PortId,
  pointRunAt,
  type SendGate,
} from '@navalis/engine';
import {
  bubbleLength,
  maximumHopLimit,
  maximumTrailersLength,
  writeAlternateAddressTrailer,
  writeBubble,
  writeDiscoveryTrailer,
  writeHopLimit,
  writeNonceTrailer,
  writeRandomPortTrailer,
} from '@navalis/wire';

/** Writes bubbles into memory of its own and sends them through the gate. Knows no limits. */
export class BubbleSender {
  readonly #gate: SendGate;
  readonly #counters: Counters;
  readonly #run: PacketRun = createPacketRun(new Uint8Array(bubbleLength + maximumTrailersLength));
  #length = bubbleLength;

  constructor(gate: SendGate, counters: Counters) {
    this.#gate = gate;
    this.#counters = counters;
  }

  /** Writes the bubble that the methods below send, as often as they are called, without trailers. */
  write(source: Ipv6Value, destination: Ipv6Value, hopLimit: number = maximumHopLimit): void {
    const { memory } = this.#run;
    this.#setLength(writeBubble(memory, 0, source, destination));
    writeHopLimit(memory, 0, hopLimit);
  }

  // Trailers are added in the order of RFC 6081 6: nonce, random port, alternate addresses, discovery (XC-12).

  addNonce(nonce: number): void {
    this.#setLength(this.#length + writeNonceTrailer(this.#run.memory, this.#length, nonce));
  }

  addRandomPort(port: number): void {
    this.#setLength(this.#length + writeRandomPortTrailer(this.#run.memory, this.#length, port));
  }

  /** `endpoints` are one to four that the trailer may hold. */
  addAlternates(endpoints: readonly Ipv4Endpoint[]): void {
    this.#setLength(this.#length + writeAlternateAddressTrailer(this.#run.memory, this.#length, endpoints));
  }

  addDiscovery(discoveryType: number): void {
    this.#setLength(this.#length + writeDiscoveryTrailer(this.#run.memory, this.#length, discoveryType));
  }

  /** To an endpoint on the Internet, from the service port by default; nothing leaves when the policy refuses it. */
  send(address: Ipv4Value, port: number, from?: PortId): void {
    if (this.#gate.send(this.#run, address, port, from)) this.#counters.bubblesSent += 1;
  }

  /** To an endpoint on the own link or behind the own NAT, which no policy for addresses on the Internet allows. */
  sendOnLink(address: Ipv4Value, port: number): void {
    this.#gate.sendTrusted(this.#run, address, port);
    this.#counters.bubblesSent += 1;
  }

  /** To where a peer was trusted, which was judged then, from this port of the host. */
  sendTrusted(address: Ipv4Value, port: number, from: PortId): void {
    this.#gate.sendTrusted(this.#run, address, port, from);
    this.#counters.bubblesSent += 1;
  }

  #setLength(length: number): void {
    this.#length = length;
    pointRunAt(this.#run, 0, length);
  }
}
