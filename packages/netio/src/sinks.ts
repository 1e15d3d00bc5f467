import type { DatagramRun, Milliseconds, PacketRun } from '@navalis/engine';

/** Who takes what a UDP socket received. Every engine is one. */
export interface DatagramSink {
  handleDatagrams(run: DatagramRun, now: Milliseconds): void;
}

/** Who takes what the host sent into a tunnel interface. Every engine is one. */
export interface PacketSink {
  handlePackets(run: PacketRun, now: Milliseconds): void;
}
