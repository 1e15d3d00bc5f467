import { createPacketRun, type Milliseconds, type PacketRun, pointRunAt } from '@navalis/engine';
import { interfaceGone, requireInterfaceName } from '../device-errors.ts';
import { errno } from '../kernel/errno.ts';
import { ReceiveSlots, slotOctets } from '../kernel/receive-slots.ts';
import { packetLengthAt, packetsLieApart } from '../run-packets.ts';
import type { PacketSink, TunDevice, TunDeviceOptions } from '../tun-device.ts';
import type { LinuxMachine } from './linux-machine.ts';
import { openTunnelInterface } from './open-tunnel-interface.ts';

/** Packets per `receive`. */
const tunReceiveSlots = 64;

export class LinuxTunDevice implements TunDevice {
  readonly name: string;
  readonly #machine: LinuxMachine;
  readonly #options: TunDeviceOptions;
  readonly #slots: ReceiveSlots;
  /** Offset where packets from outside the arena are copied to be written. */
  readonly #copy: number;
  readonly #run: PacketRun;
  #descriptor: number;

  constructor(machine: LinuxMachine, options: TunDeviceOptions) {
    requireInterfaceName(options.name);
    const { arena } = machine;
    this.#machine = machine;
    this.#options = options;
    this.name = options.name;
    this.#slots = new ReceiveSlots(arena, tunReceiveSlots);
    this.#copy = arena.allocate(slotOctets);
    this.#run = createPacketRun(arena.bytes);
    this.#descriptor = openTunnelInterface(machine, options.name);
  }

  get descriptor(): number {
    return this.#descriptor;
  }

  receive(sink: PacketSink, now: Milliseconds, budget: number): number {
    const { calls, arena } = this.#machine;
    const wanted = Math.min(budget, tunReceiveSlots);
    for (let slot = 0; slot < wanted; slot++) {
      const offset = this.#slots.packetOffset(slot);
      const octets = calls.read(this.#descriptor, arena.address(offset), slotOctets);
      if (octets < 0) {
        this.#requireInterface(calls.errno());
        return slot;
      }
      if (arena.bytes[offset]! >>> 4 !== 6) continue;
      pointRunAt(this.#run, offset, octets);
      sink.handlePackets(this.#run, now);
    }
    return Math.max(wanted, 0);
  }

  /** Writes at once: the kernel has no batch for it, and a packet that waits gains nothing. */
  queue(run: PacketRun): void {
    if (!packetsLieApart(run)) {
      this.#options.drops.drop('tunnel-write-failed', run.count);
      return;
    }
    for (let packet = 0; packet < run.count; packet++) {
      this.#write(run.memory, run.offset + packet * run.headerStride, packetLengthAt(run, packet));
    }
  }

  flush(): void {}

  close(): void {
    if (this.#descriptor < 0) return;
    this.#machine.calls.close(this.#descriptor);
    this.#descriptor = -1;
  }

  #write(memory: Uint8Array, offset: number, octets: number): void {
    const { calls, arena } = this.#machine;
    if (octets > slotOctets) {
      this.#options.drops.drop('tunnel-write-failed');
      return;
    }
    let place = memory.byteOffset + offset;
    if (!arena.holds(memory)) {
      place = this.#copy;
      // Octet by octet: a view for each packet would be an allocation for each packet.
      for (let index = 0; index < octets; index++) arena.bytes[place + index] = memory[offset + index]!;
    }
    if (calls.write(this.#descriptor, arena.address(place), octets) !== octets) {
      this.#options.drops.drop('tunnel-write-failed');
    }
  }

  #requireInterface(error: number): void {
    if (error === errno.EBADFD || error === errno.EFAULT) throw interfaceGone(this.name);
  }
}
