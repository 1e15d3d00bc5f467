import { embeddedAddress, embeddedPort, type Ipv4Value, type Ipv6Value, readIpv6, teredoPort } from '@navalis/address';
import { type Counters, createPacketRun, type PacketRun, pointRunAt, type SendGate } from '@navalis/engine';
import type { PeerIndex, PeerTable } from '@navalis/traversal';
import { bubbleLength, writeBubble } from '@navalis/wire';
import type { OwnAddress } from './own-address.ts';

/** Writes bubbles from the own address into memory of its own and sends them through the gate. Knows no limits. */
export class BubbleSender {
  readonly #own: OwnAddress;
  readonly #table: PeerTable;
  readonly #gate: SendGate;
  readonly #counters: Counters;
  readonly #run: PacketRun = createPacketRun(new Uint8Array(bubbleLength));

  constructor(own: OwnAddress, table: PeerTable, gate: SendGate, counters: Counters) {
    this.#own = own;
    this.#table = table;
    this.#gate = gate;
    this.#counters = counters;
  }

  /** To the endpoint that the peer's Teredo address embeds. */
  sendDirect(peer: PeerIndex): void {
    const address = this.#table.address(peer);
    this.#send(address, embeddedAddress(address), embeddedPort(address));
  }

  /** Through the server that the peer's Teredo address names. */
  sendIndirect(peer: PeerIndex): void {
    this.#send(this.#table.address(peer), this.#table.word(peer, 1), teredoPort);
  }

  /** To an endpoint at which the peer was heard. */
  sendTo(peer: PeerIndex, address: Ipv4Value, port: number): void {
    this.#send(this.#table.address(peer), address, port);
  }

  /** To the IPv6 address at `destinationAt`, whatever it is, at this endpoint; false when that is refused. */
  sendAnswer(bytes: Uint8Array, destinationAt: number, address: Ipv4Value, port: number): boolean {
    return this.#send(readIpv6(bytes, destinationAt), address, port);
  }

  #send(destination: Ipv6Value, address: Ipv4Value, port: number): boolean {
    pointRunAt(this.#run, 0, writeBubble(this.#run.memory, 0, this.#own.value, destination));
    if (!this.#gate.send(this.#run, address, port)) return false;
    this.#counters.bubblesSent++;
    return true;
  }
}
