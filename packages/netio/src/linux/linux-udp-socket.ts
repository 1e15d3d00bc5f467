import type { Ipv4Value } from '@navalis/address';
import {
  createPacketRun,
  type DatagramRun,
  type Milliseconds,
  type PacketRun,
  pointRunAt,
  type SocketRole,
} from '@navalis/engine';
import { MessageHeaders } from '../kernel/message-headers.ts';
import { ReceiveSlots, slotOctets } from '../kernel/receive-slots.ts';
import { packetLengthAt, packetsLieApart } from '../run-packets.ts';
import type { DatagramSink, UdpSocket, UdpSocketOptions } from '../udp-socket.ts';
import type { LinuxMachine } from './linux-machine.ts';
import { openBoundSocket } from './open-bound-socket.ts';
import { SendBatch } from './send-batch.ts';
import { socketAddressAddress, socketAddressOctets, socketAddressPort, writeSocketAddress } from './socket-address.ts';

/** Datagrams per `recvmmsg`. */
const udpReceiveSlots = 64;

export class LinuxUdpSocket implements UdpSocket {
  readonly role: SocketRole;
  readonly address: Ipv4Value;
  readonly port: number;
  readonly #machine: LinuxMachine;
  readonly #options: UdpSocketOptions;
  readonly #slots: ReceiveSlots;
  readonly #received: MessageHeaders;
  readonly #batch: SendBatch;
  readonly #run: DatagramRun;
  #descriptor: number;

  constructor(machine: LinuxMachine, options: UdpSocketOptions) {
    const { calls, arena } = machine;
    this.#slots = new ReceiveSlots(arena, udpReceiveSlots);
    this.#received = new MessageHeaders(arena, { count: udpReceiveSlots, nameOctets: socketAddressOctets });
    for (let slot = 0; slot < udpReceiveSlots; slot++) {
      this.#received.setVector(slot, this.#slots.packetOffset(slot), slotOctets);
    }
    this.#run = { ...createPacketRun(arena.bytes), sourceAddress: 0, sourcePort: 0, socket: options.role };
    this.#batch = new SendBatch(calls, arena, socketAddressOctets, options.drops);
    const bound = openBoundSocket(machine, options);
    this.#machine = machine;
    this.#options = options;
    this.#descriptor = bound.descriptor;
    this.role = options.role;
    this.address = bound.address;
    this.port = bound.port;
  }

  get descriptor(): number {
    return this.#descriptor;
  }

  receive(sink: DatagramSink, now: Milliseconds, budget: number): number {
    // A failure means that nothing waits, or tells what ICMP said of an earlier datagram, which is of no use here.
    const wanted = Math.min(budget, udpReceiveSlots);
    const received = this.#machine.calls.recvmmsg(this.#descriptor, this.#received.address, wanted, 0, 0);
    for (let slot = 0; slot < received; slot++) this.#handOver(slot, sink, now);
    return Math.max(received, 0);
  }

  queue(run: PacketRun, address: Ipv4Value, port: number): void {
    if (!packetsLieApart(run)) {
      this.#options.drops.drop('send-failed', run.count);
      return;
    }
    for (let packet = 0; packet < run.count; packet++) {
      const offset = run.offset + packet * run.headerStride;
      const index = this.#batch.add(this.#descriptor, run.memory, offset, packetLengthAt(run, packet));
      if (index < 0) continue;
      writeSocketAddress(this.#machine.arena, this.#batch.headers.nameOffset(index), address, port);
    }
  }

  flush(): void {
    this.#batch.flush(this.#descriptor);
  }

  close(): void {
    if (this.#descriptor < 0) return;
    this.#machine.calls.close(this.#descriptor);
    this.#descriptor = -1;
  }

  #handOver(slot: number, sink: DatagramSink, now: Milliseconds): void {
    const run = this.#run;
    const name = this.#received.nameOffset(slot);
    run.sourceAddress = socketAddressAddress(this.#machine.arena, name);
    run.sourcePort = socketAddressPort(this.#machine.arena, name);
    pointRunAt(run, this.#slots.packetOffset(slot), this.#received.receivedOctets(slot));
    this.#received.resetNameLength(slot);
    sink.handleDatagrams(run, now);
  }
}
