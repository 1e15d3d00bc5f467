import { createPacketRun, type Milliseconds, type PacketRun, pointRunAt } from '@navalis/engine';
import { requireInterfaceName } from '../device-errors.ts';
import type { PacketSink, TunDevice, TunDeviceOptions } from '../tun-device.ts';
import { DeviceMemory } from './device-memory.ts';
import { FakeSendBatch } from './fake-send-batch.ts';

/** A tunnel interface without a host: tests put in what the host sends and take out what it is given. */
export class FakeTunDevice implements TunDevice {
  readonly name: string;
  readonly descriptor: number;
  /** True simulates an interface that is down: packets to it are dropped. */
  down = false;
  closed = false;
  readonly #memory = new DeviceMemory();
  readonly #batch: FakeSendBatch<undefined>;
  readonly #fromHost: Uint8Array[] = [];
  readonly #toHost: Uint8Array[] = [];
  readonly #run: PacketRun = createPacketRun(new Uint8Array(0));

  constructor({ name, drops }: TunDeviceOptions, descriptor = -1) {
    requireInterfaceName(name);
    this.name = name;
    this.descriptor = descriptor;
    this.#batch = new FakeSendBatch(drops, 'tunnel-write-failed', (packet) => {
      const version = (packet[0] ?? 0) >>> 4;
      if (this.down || (version !== 4 && version !== 6)) return 'tunnel-write-failed';
      this.#toHost.push(packet);
      return undefined;
    });
  }

  /** Makes a packet of the host wait for `receive`. */
  sendFromHost(packet: Uint8Array): void {
    this.#fromHost.push(packet.slice());
  }

  /** Returns the packets that the host received since the last call. */
  takeToHost(): Uint8Array[] {
    return this.#toHost.splice(0);
  }

  /** Returns true if a packet waits for `receive`. */
  get readable(): boolean {
    return this.#fromHost.length > 0;
  }

  receive(sink: PacketSink, now: Milliseconds, budget: number): number {
    const packets = this.#fromHost.splice(0, Math.max(0, Math.min(budget, batchPackets)));
    const { memory, offsets } = this.#memory.replace(packets);
    const run = this.#run;
    run.memory = memory;
    packets.forEach((packet, index) => {
      if ((packet[0] ?? 0) >>> 4 !== 6) return;
      pointRunAt(run, offsets[index]!, packet.length);
      sink.handlePackets(run, now);
    });
    return packets.length;
  }

  queue(run: PacketRun): void {
    this.#batch.queue(run, undefined);
  }

  flush(): void {
    this.#batch.flush();
  }

  close(): void {
    this.#batch.clear();
    this.closed = true;
  }
}

const batchPackets = 64;
