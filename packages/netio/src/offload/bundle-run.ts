import type { PacketRun } from '@navalis/engine';

/** Makes `run` stand for the first `count` datagrams of `length` octets of a bundle at `offset`; answers their octets. */
export function pointRunAtBundle(
  run: PacketRun,
  offset: number,
  length: number,
  segmentOctets: number,
  count: number,
): number {
  const octets = Math.min(count * segmentOctets, length);
  run.offset = offset;
  run.count = count;
  run.lastPacketLength = octets - (count - 1) * segmentOctets;
  run.packetLength = count === 1 ? run.lastPacketLength : segmentOctets;
  run.headerStride = count === 1 ? 0 : segmentOctets;
  return octets;
}
