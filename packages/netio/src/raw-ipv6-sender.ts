import type { PacketRun } from '@navalis/engine';
import type { DropSink } from './drop-sink.ts';

export interface RawIpv6SenderOptions {
  /** Counts `send-buffer-full` and `send-failed`. */
  readonly drops: DropSink;
}

/** Gives whole IPv6 packets, header included, to the host's IPv6 routing; the destination is read from the header. */
export interface RawIpv6Sender {
  /** Puts each packet of the run into the next batch; memory is treated as in `UdpSocket.queue`. */
  queue(run: PacketRun): void;
  /** Sends all queued packets. Packets that the kernel refuses are dropped and counted, never retried. */
  flush(): void;
  close(): void;
}
