import { type Ipv4Value, type Ipv6Value, ipv6Equals, readIpv6, readUint32 } from '@navalis/address';
import type {
  EngineEvent,
  EngineOutputs,
  OpenedPort,
  PacketRun,
  PortId,
  PortRefusal,
  PortRequest,
} from '@navalis/engine';
import { bubbleLength, destinationOffset, isBubble, trailerTypes } from '@navalis/wire';

/** Octets of IPv4 and UDP headers that each datagram has on the wire. */
const outerHeaderOctets = 28;
const mostPorts = 4;
const nonceTrailerLength = 6;
const mostNonces = 16;
const firstOpenedPort = 50_000;

interface Nonce {
  readonly nonce: number;
  readonly destination: Ipv6Value;
}

/** Outputs that count what one input caused, and pass each delivered packet to a checker. */
export class WatchedOutputs implements EngineOutputs {
  datagrams = 0;
  /** On the wire, with IPv4 and UDP headers. */
  datagramOctets = 0;
  packets = 0;
  bubbles = 0;
  /** The nonces of the bubbles that were sent, the newest first. */
  nonces: Nonce[] = [];
  events: EngineEvent[] = [];
  /** The ports that are open. */
  ports: PortId[];
  judgeDelivery: (run: PacketRun) => void = () => undefined;
  judgeDatagram: (run: PacketRun, address: Ipv4Value, port: number) => void = () => undefined;

  /** `ports` are open from the start. */
  constructor(...ports: readonly PortId[]) {
    this.ports = [...ports];
  }

  reset(): void {
    this.datagrams = 0;
    this.datagramOctets = 0;
    this.packets = 0;
    this.bubbles = 0;
    this.events = [];
  }

  sendDatagrams(run: PacketRun, address: Ipv4Value, port: number): void {
    this.datagrams += run.count;
    this.datagramOctets += (run.count - 1) * run.packetLength + run.lastPacketLength + run.count * outerHeaderOctets;
    if (run.packetLength >= bubbleLength && isBubble(run.memory, run.offset)) this.#recordBubble(run);
    this.judgeDatagram(run, address, port);
  }

  /** Returns true if a bubble with this nonce was sent to that address. */
  hasSent(nonce: number, destination: Ipv6Value): boolean {
    return this.nonces.some((each) => each.nonce === nonce && ipv6Equals(each.destination, destination));
  }

  #recordBubble({ memory, offset, packetLength }: PacketRun): void {
    this.bubbles++;
    const trailers = offset + bubbleLength;
    if (packetLength < bubbleLength + nonceTrailerLength || memory[trailers] !== trailerTypes.nonce) return;
    const sent = { nonce: readUint32(memory, trailers + 2), destination: readIpv6(memory, offset + destinationOffset) };
    this.nonces = [sent, ...this.nonces.slice(0, mostNonces - 1)];
  }

  openPort({ like }: PortRequest): OpenedPort | PortRefusal {
    if (!this.ports.includes(like)) return 'address-gone';
    if (this.ports.length >= mostPorts) return 'table-full';
    let id = 0;
    while (this.ports.includes(id)) id++;
    this.ports.push(id);
    return { id, address: 0, port: firstOpenedPort + id };
  }

  closePort(id: PortId): void {
    this.ports = this.ports.filter((each) => each !== id);
  }

  deliverPackets(run: PacketRun): void {
    this.packets += run.count;
    this.judgeDelivery(run);
  }

  report(event: EngineEvent): void {
    this.events.push(event);
  }
}
