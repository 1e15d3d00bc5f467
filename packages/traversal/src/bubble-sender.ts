import type { Ipv4Value, Ipv6Value } from '@navalis/address';
import { type Counters, createPacketRun, type PacketRun, pointRunAt, type SendGate } from '@navalis/engine';
import { bubbleLength, maximumHopLimit, writeBubble, writeHopLimit } from '@navalis/wire';

/** Writes bubbles into memory of its own and sends them through the gate. Knows no limits. */
export class BubbleSender {
  readonly #gate: SendGate;
  readonly #counters: Counters;
  readonly #run: PacketRun = createPacketRun(new Uint8Array(bubbleLength));

  constructor(gate: SendGate, counters: Counters) {
    this.#gate = gate;
    this.#counters = counters;
    pointRunAt(this.#run, 0, bubbleLength);
  }

  /** Writes the bubble that `send` and `sendOnLink` send, as often as they are called. */
  write(source: Ipv6Value, destination: Ipv6Value, hopLimit: number = maximumHopLimit): void {
    const { memory } = this.#run;
    writeBubble(memory, 0, source, destination);
    writeHopLimit(memory, 0, hopLimit);
  }

  /** To an endpoint on the Internet; nothing leaves when the policy refuses it. */
  send(address: Ipv4Value, port: number): void {
    if (this.#gate.send(this.#run, address, port)) this.#counters.bubblesSent += 1;
  }

  /** To an endpoint on the own link, which no policy for addresses on the Internet allows. */
  sendOnLink(address: Ipv4Value, port: number): void {
    this.#gate.sendTrusted(this.#run, address, port);
    this.#counters.bubblesSent += 1;
  }
}
