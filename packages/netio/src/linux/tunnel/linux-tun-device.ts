import { writeUint16 } from '@navalis/address';
import { createPacketRun, type Milliseconds, type PacketRun, pointRunAt } from '@navalis/engine';
import { ipv6HeaderLength, ipv6PayloadLengthOffset, transportHeaderLength } from '@navalis/wire';
import { interfaceGone, requireInterfaceName } from '../../device-errors.ts';
import { ArenaShare } from '../../kernel/arena.ts';
import { errno } from '../../kernel/errno.ts';
import { ReceiveSlots, slotOctets } from '../../kernel/receive-slots.ts';
import type { Offload } from '../../netio.ts';
import { completeChecksum } from '../../offload/complete-checksum.ts';
import {
  segmentationTypes,
  VirtioNetHeader,
  virtioNetFlags,
  virtioNetHeaderOctets,
} from '../../offload/virtio-net-header.ts';
import { packetLengthAt, packetsLieApart } from '../../run-packets.ts';
import type { PacketSink, TunDevice, TunDeviceOptions } from '../../tun-device.ts';
import type { LinuxMachine } from '../linux-machine.ts';
import { openTunnelInterface } from './open-tunnel-interface.ts';
import { TunWriter } from './tun-writer.ts';

/** Packets or super-segments per `receive`. */
const tunReceiveSlots = 64;
/**
 * After so long without a packet, the next one is handed over by itself: it is on its way before anyone asks whether there
 * is another.
 */
const silenceMs = 1;
/** Octets after which `receive` takes no more: what is handed over should still lie in the processor's cache. */
const manyOctets = 400_000;

export class LinuxTunDevice implements TunDevice {
  readonly name: string;
  readonly offloads: readonly Offload[];
  readonly #machine: LinuxMachine;
  readonly #options: TunDeviceOptions;
  readonly #closed: () => void;
  readonly #memory: ArenaShare;
  readonly #slots: ReceiveSlots;
  /** Offset where a packet from outside the arena is copied to be written. */
  readonly #copy: number;
  readonly #run: PacketRun;
  readonly #header: VirtioNetHeader = new VirtioNetHeader();
  readonly #writer: TunWriter;
  #descriptor: number;
  #receivedAt: Milliseconds = Number.NEGATIVE_INFINITY;

  /** `closed` is called once, when the device is closed. */
  constructor(machine: LinuxMachine, options: TunDeviceOptions, closed: () => void) {
    requireInterfaceName(options.name);
    const { arena } = machine;
    this.#machine = machine;
    this.#options = options;
    this.#closed = closed;
    this.name = options.name;
    this.#memory = new ArenaShare(arena);
    this.#slots = new ReceiveSlots(this.#memory, tunReceiveSlots);
    this.#copy = this.#memory.allocate(slotOctets);
    const opened = this.#memory.guard(() => openTunnelInterface(machine, options.name));
    this.#descriptor = opened.descriptor;
    this.offloads = opened.offloads;
    this.#run = createPacketRun(arena.bytes);
    this.#writer = new TunWriter(machine, opened, options.drops, this.#memory);
  }

  get descriptor(): number {
    return this.#descriptor;
  }

  receive(sink: PacketSink, now: Milliseconds, budget: number): number {
    const { calls, arena } = this.#machine;
    const wanted = now - this.#receivedAt > silenceMs ? 1 : Math.min(budget, tunReceiveSlots);
    this.#receivedAt = now;
    let taken = 0;
    for (let total = 0; taken < wanted && total < manyOctets; taken++) {
      // The slot's headroom takes the kernel's header, so that the packet behind it is aligned.
      const offset = this.#slots.packetOffset(taken);
      const place = arena.address(offset - virtioNetHeaderOctets);
      const octets = calls.read(this.#descriptor, place, slotOctets + virtioNetHeaderOctets);
      if (octets < 0) {
        this.#requireInterface(calls.errno());
        return taken;
      }
      total += octets;
      if (this.#prepare(offset, octets - virtioNetHeaderOctets)) sink.handlePackets(this.#run, now);
    }
    return taken;
  }

  queue(run: PacketRun): void {
    if (!packetsLieApart(run) || run.packetLength > slotOctets) {
      this.#options.drops.drop('tunnel-write-failed', run.count);
      return;
    }
    const memory = this.#machine.arena.offsetOf(run.memory);
    if (memory >= 0) {
      this.#writer.queue(run, memory + run.offset);
      return;
    }
    for (let packet = 0; packet < run.count; packet++) {
      this.#writeCopy(run.memory, run.offset + packet * run.headerStride, packetLengthAt(run, packet));
    }
  }

  flush(): void {
    this.#writer.flush();
  }

  close(): void {
    if (this.#descriptor < 0) return;
    this.#machine.calls.close(this.#descriptor);
    this.#descriptor = -1;
    this.#memory.release();
    this.#closed();
  }

  /** Makes the run stand for what was read to `offset`; false for what is not IPv6 or cannot be completed. */
  #prepare(offset: number, octets: number): boolean {
    const { arena } = this.#machine;
    if (arena.bytes[offset]! >>> 4 !== 6) return false;
    this.#header.read(arena, offset - virtioNetHeaderOctets);
    if (this.#header.type !== segmentationTypes.none) return this.#prepareSuperSegment(offset, octets);
    pointRunAt(this.#run, offset, octets);
    return this.#complete(offset, octets);
  }

  /** A super-segment is a run cut from one header, which then says the length of the first packet alone. */
  #prepareSuperSegment(offset: number, octets: number): boolean {
    const { bytes } = this.#machine.arena;
    const run = this.#run;
    const { segmentOctets } = this.#header;
    const headerLength = transportHeaderLength(bytes, offset, octets);
    if (headerLength === 0 || headerLength === octets || segmentOctets === 0) {
      this.#options.drops.drop('tunnel-read-malformed');
      return false;
    }
    const payload = octets - headerLength;
    const count = Math.ceil(payload / segmentOctets);
    run.offset = offset;
    run.count = count;
    run.lastPacketLength = headerLength + payload - (count - 1) * segmentOctets;
    run.packetLength = count === 1 ? run.lastPacketLength : headerLength + segmentOctets;
    run.headerStride = 0;
    if (count === 1) return this.#complete(offset, octets);
    writeUint16(bytes, offset + ipv6PayloadLengthOffset, run.packetLength - ipv6HeaderLength);
    return true;
  }

  /** Does what the host left to the device. */
  #complete(offset: number, octets: number): boolean {
    if ((this.#header.flags & virtioNetFlags.needsChecksum) === 0) return true;
    if (completeChecksum(this.#machine, this.#header, offset, octets)) return true;
    this.#options.drops.drop('tunnel-read-malformed');
    return false;
  }

  #writeCopy(memory: Uint8Array, offset: number, octets: number): void {
    this.#machine.arena.copyFrom(memory, offset, octets, this.#copy);
    this.#writer.writeNow(this.#copy, octets);
  }

  #requireInterface(error: number): void {
    if (error === errno.EBADFD || error === errno.EFAULT) throw interfaceGone(this.name);
  }
}
