import type { PacketRun } from '@navalis/engine';
import type { DropSink } from '../../drop-sink.ts';
import type { Allocator } from '../../kernel/arena.ts';
import { errno } from '../../kernel/errno.ts';
import { vectorOctets, writeVector } from '../../kernel/message-headers.ts';
import { Coalescer } from '../../offload/coalescer.ts';
import { virtioNetHeaderOctets, writeSuperSegmentHeader } from '../../offload/virtio-net-header.ts';
import { packetLengthAt } from '../../run-packets.ts';
import type { LinuxMachine } from '../linux-machine.ts';
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
  /** Offset of two `struct iovec`: a header and a packet. */
  readonly #vectors: number;
  #joins: boolean;

  constructor(machine: LinuxMachine, { descriptor, offloads }: OpenedTunnel, drops: DropSink, room: Allocator) {
    const { arena, loops } = machine;
    this.#machine = machine;
    this.#descriptor = descriptor;
    this.#drops = drops;
    this.#joins = offloads.includes('tcp-segments');
    this.#coalescer = new Coalescer(arena, loops, offloads.includes('udp-segments'), room);
    this.#plainHeader = room.allocate(virtioNetHeaderOctets);
    this.#superHeader = room.allocate(virtioNetHeaderOctets);
    this.#vectors = room.allocate(2 * vectorOctets);
  }

  /** Takes the packets of a run at `offset` in the arena, which must hold until they are written. */
  queue(run: PacketRun, offset: number): void {
    const coalescer = this.#coalescer;
    let packet = 0;
    while (packet < run.count) {
      if (coalescer.count > 0) {
        packet += coalescer.join(run, offset, packet);
        if (packet === run.count) return;
        this.flush();
      }
      const at = offset + packet * run.headerStride;
      const octets = packetLengthAt(run, packet++);
      if (!this.#joins || !coalescer.begin(at, octets)) this.#writeAlone(at, octets);
    }
  }

  /** A packet in the arena, at once: its memory does not hold. */
  writeNow(offset: number, octets: number): void {
    this.flush();
    this.#writeAlone(offset, octets);
  }

  flush(): void {
    const coalescer = this.#coalescer;
    if (coalescer.count > 1) this.#writeGroup();
    else if (coalescer.count === 1) {
      this.#writeAlone(coalescer.packetOffset(0), coalescer.packetLength(0));
    }
    coalescer.clear();
  }

  #writeAlone(offset: number, octets: number): void {
    const { arena } = this.#machine;
    writeVector(arena, this.#vectors, this.#plainHeader, virtioNetHeaderOctets);
    writeVector(arena, this.#vectors + vectorOctets, offset, octets);
    if (this.#write(this.#vectors, 2, virtioNetHeaderOctets + octets)) return;
    this.#drops.drop('tunnel-write-failed');
    this.#drops.lost?.(arena.bytes, offset, octets);
  }

  #writeGroup(): void {
    const coalescer = this.#coalescer;
    const { arena } = this.#machine;
    const { count, headerLength, totalPayload, vectors } = coalescer;
    writeSuperSegmentHeader(arena, this.#superHeader, coalescer);
    coalescer.joinFirstHeader();
    writeVector(arena, vectors, this.#superHeader, virtioNetHeaderOctets);
    if (this.#write(vectors, count + 1, virtioNetHeaderOctets + headerLength + totalPayload)) return;
    if (this.#machine.calls.errno() === errno.EINVAL) this.#writeSplit();
    else this.#drops.drop('tunnel-write-failed', count);
  }

  /** The kernel does not know such super-segments after all. */
  #writeSplit(): void {
    const coalescer = this.#coalescer;
    this.#joins = false;
    coalescer.splitFirstHeader();
    for (let packet = 0; packet < coalescer.count; packet++) {
      this.#writeAlone(coalescer.packetOffset(packet), coalescer.packetLength(packet));
    }
  }

  #write(vectors: number, count: number, octets: number): boolean {
    const { calls, arena } = this.#machine;
    return calls.writev(this.#descriptor, arena.address(vectors), count) === octets;
  }
}
