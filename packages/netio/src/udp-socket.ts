import type { Ipv4Value } from '@navalis/address';
import type { DatagramRun, Milliseconds, PacketRun, PortId } from '@navalis/engine';
import type { DropSink } from './drop-sink.ts';

/** Takes what arrives on a socket. */
export interface DatagramSink {
  handleDatagrams(run: DatagramRun, now: Milliseconds): void;
}

export interface UdpSocketOptions {
  /** The number that its runs carry. */
  readonly portId: PortId;
  /** Local IPv4 address; 0 is any address of this host. */
  readonly address: Ipv4Value;
  /** Local port; 0 is any free one. */
  readonly port: number;
  /**
   * The interface for multicast, which stays on its link (a TTL of 1). A socket whose address is a group hears that group
   * there, and nothing else, beside other programs that do; any other socket sends to groups there.
   */
  readonly multicastInterface?: string | undefined;
  /** Whether the kernel keeps room for many datagrams, 4 MiB each way where it may; true by default. */
  readonly hasLargeBuffers?: boolean;
  /** Counts `send-buffer-full` and `send-failed`. */
  readonly drops: DropSink;
}

/** An unconnected UDP socket over IPv4 that neither sets DF (WF-22) nor marks ECN (WF-23), and never blocks. */
export interface UdpSocket {
  readonly portId: PortId;
  /** Where the socket is bound; a port of 0 in the options became a real one. */
  readonly address: Ipv4Value;
  readonly port: number;
  /** For `Poller.watch`. */
  readonly descriptor: number;
  /**
   * Hands at most `budget` waiting messages to the sink and returns how many: datagrams of at most 65507 octets,
   * alone or in runs, whether they came as a bundle or one by one. One call may take fewer than are waiting. The memory of the runs holds until the next `receive` of any
   * socket of the same `Netio`, so everything
   * queued from it must be flushed before. Hands over nothing more once the sink closed the socket.
   */
  receive(sink: DatagramSink, now: Milliseconds, budget: number): number;
  /**
   * Puts each packet of the run into the next batch as one UDP payload; a super-segment must be TCP or UDP. Memory that a device of the same `Netio`
   * received into is referenced and must hold until `flush`; any other is copied. A full batch is flushed. With a `channel` each
   * packet goes as ChannelData of a TURN server (RFC 8656 12.4), behind 4 octets.
   */
  queue(run: PacketRun, address: Ipv4Value, port: number, channel?: number): void;
  /**
   * Sends all queued datagrams, and may send those queued on other sockets of the same `Netio`. Datagrams that the kernel
   * refuses are dropped and counted, never retried.
   */
  flush(): void;
  /** Sends all queued datagrams, then closes the socket. */
  close(): void;
}
