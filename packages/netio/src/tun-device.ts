import type { Milliseconds, PacketRun } from '@navalis/engine';
import type { DropSink } from './drop-sink.ts';

/** Takes what the host sends into the tunnel interface. */
export interface PacketSink {
  handlePackets(run: PacketRun, now: Milliseconds): void;
}

export interface TunDeviceOptions {
  /** 1 to 15 octets without blanks, `/`, `:` and `%`. */
  readonly name: string;
  /** Counts `tunnel-write-failed` and `tunnel-read-malformed`. */
  readonly drops: DropSink;
}

/** A tunnel interface that exists as long as it is open. It has no address and is down until somebody sets it up. */
export interface TunDevice {
  readonly name: string;
  /** For `Poller.watch`. */
  readonly descriptor: number;
  /**
   * Hands at most `budget` packets or super-segments of the host to the sink and returns how many it took. Every IPv6
   * header is 4-byte aligned in the run's memory. That memory holds until the next `receive` of this device, so everything queued from it must be
   * flushed before. Throws `system-call-failed` when somebody removed the interface.
   */
  receive(sink: PacketSink, now: Milliseconds, budget: number): number;
  /** Gives each packet of the run, which is no super-segment, to the host, at the latest with `flush`; until then referenced memory must hold. */
  queue(run: PacketRun): void;
  flush(): void;
  /** Removes the interface. */
  close(): void;
}
