import type { CounterSnapshot } from '@navalis/engine';
import { DeviceDropCounts, type DeviceDropReason, type DropSink } from '@navalis/netio';
import { DatagramLayout, icmpv6TypeOf, icmpv6Types, isBubble, isIcmpv6, readDatagram } from '@navalis/wire';
import type { ProgramCounters, ProgramDropReason } from './messages.ts';

/** The longest message that is counted by kind: an advertisement with authentication and origin has at most 652 octets. */
const longestOfAKind = 700;

/**
 * Packets that engines passed to the devices and the devices could not send. An engine counts a packet when it sends it; the kernel
 * accepts or refuses it when a batch is flushed. The packets that really left are those that the engine counted, less those
 * counted here, and the packet path costs nothing more.
 */
export class DeviceLosses {
  readonly sockets: DropSink;
  readonly host: DropSink;
  readonly #drops: DeviceDropCounts = new DeviceDropCounts();
  readonly #layout: DatagramLayout = new DatagramLayout();
  #datagrams = 0;
  #octets = 0;
  #packets = 0;
  #bubbles = 0;
  #solicitations = 0;
  #advertisements = 0;
  #errors = 0;

  constructor() {
    this.sockets = {
      drop: (reason, packets = 1) => {
        this.#drops.drop(reason, packets);
        this.#datagrams += packets;
      },
      lost: (memory, offset, octets) => this.#loseDatagram(memory, offset, octets),
    };
    this.host = {
      drop: (reason, packets = 1) => {
        this.#drops.drop(reason, packets);
        // An unreadable packet was never counted as sent.
        if (reason !== 'tunnel-read-malformed') this.#packets += packets;
      },
      lost: (memory, offset) => {
        if (isIcmpv6(memory, offset) && icmpv6TypeOf(memory, offset) < icmpv6Types.echoRequest) this.#errors++;
      },
    };
  }

  /** Returns the engine's counts without the lost packets, which count as drops with their reasons. */
  correct(counted: CounterSnapshot): ProgramCounters {
    const drops: Partial<Record<ProgramDropReason, number>> = { ...counted.drops };
    for (const [reason, count] of Object.entries(this.#drops.snapshot()) as [DeviceDropReason, number][]) {
      drops[reason] = (drops[reason] ?? 0) + count;
    }
    return {
      ...counted,
      datagramsSent: counted.datagramsSent - this.#datagrams,
      octetsSent: counted.octetsSent - this.#octets,
      packetsDelivered: counted.packetsDelivered - this.#packets,
      bubblesSent: counted.bubblesSent - this.#bubbles,
      solicitationsSent: counted.solicitationsSent - this.#solicitations,
      advertisementsSent: counted.advertisementsSent - this.#advertisements,
      errorsSent: counted.errorsSent - this.#errors,
      drops,
    };
  }

  #loseDatagram(memory: Uint8Array, offset: number, octets: number): void {
    this.#octets += octets;
    if (octets > longestOfAKind || readDatagram(memory, offset, octets, this.#layout) !== undefined) return;
    const { packetOffset } = this.#layout;
    if (isBubble(memory, packetOffset)) this.#bubbles++;
    if (!isIcmpv6(memory, packetOffset)) return;
    const type = icmpv6TypeOf(memory, packetOffset);
    if (type === icmpv6Types.routerSolicitation) this.#solicitations++;
    if (type === icmpv6Types.routerAdvertisement) this.#advertisements++;
  }
}
