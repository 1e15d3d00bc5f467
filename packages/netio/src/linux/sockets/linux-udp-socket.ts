import { type Ipv4Value, writeUint16 } from '@navalis/address';
import type { DatagramRun, Milliseconds, PacketRun, PortId } from '@navalis/engine';
import { SOL_UDP, UDP_GRO } from '../../kernel/constants.ts';
import { type MessageHeaders, vectorOctets, writeVector } from '../../kernel/message-headers.ts';
import { type ReceiveSlots, slotStride } from '../../kernel/receive-slots.ts';
import type { Offload } from '../../netio.ts';
import { pointRunAtBundle } from '../../offload/bundle-run.ts';
import { channelDataHeaderOctets, type Segmenter } from '../../offload/segmenter.ts';
import { packetLengthAt, packetsLieApart } from '../../run-packets.ts';
import type { DatagramSink, UdpSocket, UdpSocketOptions } from '../../udp-socket.ts';
import type { LinuxMachine } from '../linux-machine.ts';
import { openBoundSocket } from './open-bound-socket.ts';
import { maximumSegments, type SendBatch } from './send-batch.ts';
import { Sender } from './sender.ts';
import { type SharedUdp, udpReceiveSlots } from './shared-udp.ts';
import { isSocketAddress, socketAddressAddress, socketAddressPort, writeSocketAddress } from './socket-address.ts';
import { setOption, socketOptions } from './socket-options.ts';

/** Bundles per `recvmmsg` while they are large, so that what is handed over still lies in the processor's cache. */
const largeBundles = 8;
/** Octets that one `recvmmsg` may return before the next one asks for fewer. */
const manyOctets = 400_000;

/** Room for a header of ChannelData, and for the rounding of copies. */
const prefixRoom = 32;

export class LinuxUdpSocket implements UdpSocket {
  readonly portId: PortId;
  readonly address: Ipv4Value;
  readonly port: number;
  readonly #machine: LinuxMachine;
  readonly #options: UdpSocketOptions;
  readonly #slots: ReceiveSlots;
  readonly #received: MessageHeaders;
  readonly #batch: SendBatch;
  readonly #segmenter: Segmenter;
  readonly #run: DatagramRun;
  readonly #sender: Sender;
  readonly #closed: () => void;
  #descriptor: number;
  readonly #joinsReceived: boolean;
  #bundles = udpReceiveSlots;

  /** `closed` is called once, when the socket is closed. */
  constructor(machine: LinuxMachine, shared: SharedUdp, options: UdpSocketOptions, closed: () => void) {
    this.#slots = shared.slots;
    this.#received = shared.received;
    this.#run = shared.run;
    this.#batch = shared.batch;
    this.#segmenter = shared.segmenter;
    const bound = openBoundSocket(machine, options);
    this.#machine = machine;
    this.#options = options;
    this.#closed = closed;
    this.#sender = new Sender(bound.descriptor, options.drops, machine.offload);
    this.#descriptor = bound.descriptor;
    this.portId = options.portId;
    this.address = bound.address;
    this.port = bound.port;
    this.#joinsReceived = machine.offload && setOption(machine, bound.descriptor, socketOptions.joinReceived, 1);
  }

  get offloads(): readonly Offload[] {
    const sent: readonly Offload[] = this.#sender.joins ? ['send-joined'] : [];
    return this.#joinsReceived ? [...sent, 'receive-joined'] : sent;
  }

  get descriptor(): number {
    return this.#descriptor;
  }

  receive(sink: DatagramSink, now: Milliseconds, budget: number): number {
    // A failure means that nothing waits, or reports an ICMP error of an earlier datagram, which is of no use here.
    const wanted = Math.min(budget, this.#bundles);
    this.#run.portId = this.portId;
    const received = this.#machine.calls.recvmmsg(this.#descriptor, this.#received.address, wanted, 0, 0);
    let octets = 0;
    let slot = 0;
    // The sink may close the socket: then nothing more is handed over.
    while (slot < received && this.#descriptor >= 0) {
      const count = slot + 1 < received ? this.#messagesOfOneRun(slot, received) : 1;
      octets += count === 1 ? this.#handOverBundle(slot, sink, now) : this.#handOverMessages(slot, count, sink, now);
      slot += count;
    }
    for (; slot < received; slot++) this.#received.prepareToReceive(slot);
    this.#bundles = octets > manyOctets ? largeBundles : udpReceiveSlots;
    return Math.max(received, 0);
  }

  queue(run: PacketRun, address: Ipv4Value, port: number, channel = 0): void {
    if (!packetsLieApart(run)) {
      this.#queueSuperSegment(run, address, port, channel);
      return;
    }
    for (let packet = 0; packet < run.count; packet++) {
      const octets = packetLengthAt(run, packet);
      this.#batch.makeRoom(1, octets + prefixRoom);
      const place = this.#batch.place(this.#sender, run.memory, run.offset + packet * run.headerStride, octets);
      if (place < 0) continue;
      if (channel === 0) {
        this.#beginSegment(octets, address, port);
        this.#batch.add(place, octets);
      } else {
        this.#beginSegment(channelDataHeaderOctets + octets, address, port);
        this.#addFramed(place, octets, channel);
      }
    }
  }

  flush(): void {
    this.#batch.flush();
  }

  close(): void {
    if (this.#descriptor < 0) return;
    this.#batch.flush();
    this.#machine.calls.close(this.#descriptor);
    this.#descriptor = -1;
    this.#sender.descriptor = -1;
    this.#closed();
  }

  /** Cuts a super-segment while it is queued: headers of our making, payloads from where they lie. */
  #queueSuperSegment(run: PacketRun, address: Ipv4Value, port: number, channel: number): void {
    const segmenter = this.#segmenter;
    if (!segmenter.begin(run, channel)) {
      this.#options.drops.drop('send-failed', run.count);
      return;
    }
    const batch = this.#batch;
    const prefix = channel === 0 ? 0 : channelDataHeaderOctets;
    const lastOctets = prefix + run.lastPacketLength;
    for (let packet = 0; packet < run.count; ) {
      const octets = prefix + packetLengthAt(run, packet);
      batch.makeRoom(maximumSegments, segmenter.headerRoom);
      this.#beginSegment(octets, address, port);
      const count = batch.segmentsThatFit(run.count - packet, octets, lastOctets);
      const headers = batch.reserve(count * segmenter.headerRoom);
      segmenter.writePackets(packet, count, headers, batch.nextVector);
      packet += count;
      batch.addSegments(count, octets, packet === run.count ? lastOctets : octets);
    }
  }

  /** Adds a packet to the last message, behind a header of ChannelData. */
  #addFramed(place: number, octets: number, channel: number): void {
    const { arena } = this.#machine;
    const batch = this.#batch;
    const prefix = batch.reserve(prefixRoom);
    writeUint16(arena.bytes, prefix, channel);
    writeUint16(arena.bytes, prefix + 2, octets);
    writeVector(arena, batch.nextVector, prefix, channelDataHeaderOctets);
    writeVector(arena, batch.nextVector + vectorOctets, place, octets);
    batch.addSegments(1, channelDataHeaderOctets + octets, channelDataHeaderOctets + octets);
  }

  /** Extends the last message if the datagram fits, else begins a new one. */
  #beginSegment(octets: number, address: Ipv4Value, port: number): void {
    const { arena } = this.#machine;
    const batch = this.#batch;
    if (
      batch.mayExtend(this.#sender, octets) &&
      isSocketAddress(arena, batch.headers.nameOffset(batch.last), address, port)
    )
      return;
    writeSocketAddress(arena, batch.headers.nameOffset(batch.begin(this.#sender, octets)), address, port);
  }

  /** Returns how many of the `received` messages, beginning with the one at `slot`, make one run. */
  #messagesOfOneRun(slot: number, received: number): number {
    const { headersOffset, namesOffset } = this.#received;
    const { loops } = this.#machine;
    return loops.leadingMessages(headersOffset, namesOffset, this.#slots.packetOffset(0), slotStride, slot, received);
  }

  /** Hands one datagram each of `count` slots to the sink, which are one run; returns their octets. */
  #handOverMessages(slot: number, count: number, sink: DatagramSink, now: Milliseconds): number {
    const run = this.#run;
    const last = slot + count - 1;
    this.#setSource(slot);
    run.offset = this.#slots.packetOffset(slot);
    run.packetLength = this.#received.receivedOctets(slot);
    run.lastPacketLength = this.#received.receivedOctets(last);
    run.count = count;
    run.headerStride = slotStride;
    for (let each = slot; each <= last; each++) this.#received.prepareToReceive(each);
    const octets = (count - 1) * run.packetLength + run.lastPacketLength;
    sink.handleDatagrams(run, now);
    return octets;
  }

  /** Hands the datagrams of one slot to the sink, in runs; returns their octets. */
  #handOverBundle(slot: number, sink: DatagramSink, now: Milliseconds): number {
    const run = this.#run;
    const received = this.#received;
    const length = received.receivedOctets(slot);
    const { loops } = this.#machine;
    const segmentOctets = this.#joinsReceived ? received.receivedControl(slot, SOL_UDP, UDP_GRO) || length : length;
    this.#setSource(slot);
    received.prepareToReceive(slot);
    let offset = this.#slots.packetOffset(slot);
    let left = length;
    do {
      run.count = segmentOctets < left ? loops.leadingRun(offset, left, segmentOctets) : 1;
      const octets = pointRunAtBundle(run, offset, left, segmentOctets);
      offset += octets;
      left -= octets;
      sink.handleDatagrams(run, now);
    } while (left > 0 && this.#descriptor >= 0);
    return length;
  }

  #setSource(slot: number): void {
    const name = this.#received.nameOffset(slot);
    this.#run.sourceAddress = socketAddressAddress(this.#machine.arena, name);
    this.#run.sourcePort = socketAddressPort(this.#machine.arena, name);
  }
}
