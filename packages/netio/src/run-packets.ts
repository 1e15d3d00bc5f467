import type { PacketRun } from '@navalis/engine';

/** Octets of the packet at `index` of a run. */
export function packetLengthAt(run: PacketRun, index: number): number {
  return index === run.count - 1 ? run.lastPacketLength : run.packetLength;
}

/** Returns true if the run's packets are separate in memory, each with a header of its own. */
export function packetsLieApart(run: PacketRun): boolean {
  return run.count === 1 || run.headerStride > 0;
}
