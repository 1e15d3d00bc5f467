import { ipv6HeaderOctets, tcpProtocol, transportChecksumOffset } from '@navalis/wire';
import type { DropSink } from '../drop-sink.ts';
import { errno } from '../kernel/errno.ts';
import { vectorOctets, writeVector } from '../kernel/message-headers.ts';
import { Coalescer, maximumGroupPackets } from '../offload/coalescer.ts';
import { segmentationTypes, virtioNetHeaderOctets, writeSuperSegmentHeader } from '../offload/virtio-net-header.ts';
import type { LinuxMachine } from './linux-machine.ts';
import type { OpenedTunnel } from './open-tunnel-interface.ts';

/**
 * Writes packets to a tunnel interface, those of one flow that follow each other as one super-segment. A packet waits
 * until the next that cannot join it, or for `flush`.
 */
export class TunWriter {
  readonly #machine: LinuxMachine;
  readonly #descriptor: number;
  readonly #drops: DropSink;
  readonly #coalescer: Coalescer;
  /** Offsets of a `struct virtio_net_hdr` of zeroes, and of one for super-segments. */
  readonly #plainHeader: number;
  readonly #superHeader: number;
  /** Offset of an array of `struct iovec`: a header, the first packet, then payloads. */
  readonly #vectors: number;
  #joins: boolean;

  constructor(machine: LinuxMachine, { descriptor, offloads }: OpenedTunnel, drops: DropSink) {
    const { arena, checksum } = machine;
    this.#machine = machine;
    this.#descriptor = descriptor;
    this.#drops = drops;
    this.#joins = offloads.includes('tcp-segments');
    this.#coalescer = new Coalescer(arena, checksum, offloads.includes('udp-segments'));
    this.#plainHeader = arena.allocate(virtioNetHeaderOctets);
    this.#superHeader = arena.allocate(virtioNetHeaderOctets);
    this.#vectors = arena.allocate((maximumGroupPackets + 1) * vectorOctets);
  }

  /** A packet in the arena, which must hold until it is written. */
  queue(offset: number, octets: number): void {
    if (!this.#joins) {
      this.#writeAlone(offset, octets);
      return;
    }
    const coalescer = this.#coalescer;
    if (coalescer.count > 0) {
      if (coalescer.join(offset, octets)) return;
      this.flush();
    }
    if (!coalescer.begin(offset, octets)) this.#writeAlone(offset, octets);
  }

  /** As `queue`, for a packet whose memory does not hold. */
  writeNow(offset: number, octets: number): void {
    this.flush();
    this.#writeAlone(offset, octets);
  }

  flush(): void {
    const coalescer = this.#coalescer;
    if (coalescer.count > 1) this.#writeGroup();
    else if (coalescer.count === 1) {
      this.#writeAlone(coalescer.packetOffset(0), coalescer.headerLength + coalescer.payloadLength(0));
    }
    coalescer.clear();
  }

  #writeAlone(offset: number, octets: number): void {
    this.#setVector(0, this.#plainHeader, virtioNetHeaderOctets);
    this.#setVector(1, offset, octets);
    if (!this.#write(2, virtioNetHeaderOctets + octets)) this.#drops.drop('tunnel-write-failed');
  }

  #writeGroup(): void {
    const coalescer = this.#coalescer;
    const { count, protocol, headerLength, segmentOctets } = coalescer;
    const type = protocol === tcpProtocol ? segmentationTypes.tcpIpv6 : segmentationTypes.udp;
    const field = transportChecksumOffset(protocol) - ipv6HeaderOctets;
    writeSuperSegmentHeader(
      this.#machine.arena,
      this.#superHeader,
      type,
      headerLength,
      segmentOctets,
      ipv6HeaderOctets,
      field,
    );
    coalescer.joinFirstHeader();
    this.#setVector(0, this.#superHeader, virtioNetHeaderOctets);
    this.#setVector(1, coalescer.packetOffset(0), headerLength + segmentOctets);
    let octets = virtioNetHeaderOctets + headerLength + segmentOctets;
    for (let packet = 1; packet < count; packet++) {
      const payload = coalescer.payloadLength(packet);
      this.#setVector(packet + 1, coalescer.packetOffset(packet) + headerLength, payload);
      octets += payload;
    }
    if (this.#write(count + 1, octets)) return;
    if (this.#machine.calls.errno() === errno.EINVAL) this.#writeSplit();
    else this.#drops.drop('tunnel-write-failed', count);
  }

  /** The kernel does not know such super-segments after all. */
  #writeSplit(): void {
    const coalescer = this.#coalescer;
    this.#joins = false;
    coalescer.splitFirstHeader();
    for (let packet = 0; packet < coalescer.count; packet++) {
      this.#writeAlone(coalescer.packetOffset(packet), coalescer.headerLength + coalescer.payloadLength(packet));
    }
  }

  #setVector(index: number, offset: number, octets: number): void {
    writeVector(this.#machine.arena, this.#vectors + index * vectorOctets, offset, octets);
  }

  #write(vectors: number, octets: number): boolean {
    const { calls, arena } = this.#machine;
    return calls.writev(this.#descriptor, arena.address(this.#vectors), vectors) === octets;
  }
}
