import type { PacketRun } from '@navalis/engine';
import type { DeviceDropReason, DropSink } from '../drop-sink.ts';
import { packetLengthAt, packetsLieApart } from '../run-packets.ts';
import { isDeviceMemory } from './device-memory.ts';

/** Messages per batch, as in the real devices. */
const batchMessages = 64;

interface QueuedPacket<Destination> {
  readonly memory: Uint8Array;
  readonly offset: number;
  readonly octets: number;
  readonly destination: Destination;
}

/** Packets that wait for `flush`: those in the memory of a device as references, others as copies. */
export class FakeSendBatch<Destination> {
  readonly #drops: DropSink;
  readonly #failure: DeviceDropReason;
  readonly #send: (packet: Uint8Array, destination: Destination) => DeviceDropReason | undefined;
  readonly #queued: QueuedPacket<Destination>[] = [];

  /** `send` returns the reason why it refuses a packet; runs that only offloads can cut are dropped with `failure`. */
  constructor(
    drops: DropSink,
    failure: DeviceDropReason,
    send: (packet: Uint8Array, destination: Destination) => DeviceDropReason | undefined,
  ) {
    this.#drops = drops;
    this.#failure = failure;
    this.#send = send;
  }

  queue(run: PacketRun, destination: Destination): void {
    if (!packetsLieApart(run)) {
      this.#drops.drop(this.#failure, run.count);
      return;
    }
    for (let index = 0; index < run.count; index++) {
      if (this.#queued.length === batchMessages) this.flush();
      const offset = run.offset + index * run.headerStride;
      const octets = packetLengthAt(run, index);
      const memory = isDeviceMemory(run.memory) ? run.memory : run.memory.slice(offset, offset + octets);
      this.#queued.push({ memory, offset: memory === run.memory ? offset : 0, octets, destination });
    }
  }

  flush(): void {
    for (const { memory, offset, octets, destination } of this.#queued.splice(0)) {
      const reason = this.#send(memory.slice(offset, offset + octets), destination);
      if (reason === undefined) continue;
      this.#drops.drop(reason);
      this.#drops.lost?.(memory, offset, octets);
    }
  }

  /** Discards the queue. */
  clear(): void {
    this.#queued.length = 0;
  }
}
